/** Credits in sentences for people: ledger reasons, refusals and warnings. */
import { MILLI } from "#protocol";

const format = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });
const day = new Intl.DateTimeFormat("en", { dateStyle: "long", timeZone: "UTC" });

const MINUTE_MS = 60_000;

/** "1 credit", "12.5 credits". */
export function creditWords(milli: number): string {
  return `${format.format(milli / MILLI)} ${Math.abs(milli) === MILLI ? "credit" : "credits"}`;
}

export function usageWords(usage: "full" | "disk", pricePerHour: number): string {
  const what = usage === "full" ? "Running" : "Disk while off";
  return `${what}, ${creditWords(pricePerHour)} an hour`;
}

/** "1 minute", "25 minutes", rounded down. */
export function minuteWords(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE_MS));
  return `${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
}

/** "1 December 2026" in UTC. */
export function dayWords(atMs: number): string {
  return day.format(atMs);
}

/** A lease as words and as choices; pure. */
import { leaseHours } from "#protocol";
import { formatDuration } from "../../shared/charts/units.ts";

const HOUR_MS = 3_600_000;
/** From here on the end of a lease is worth a warning: there is still time to extend it. */
const SOON_MS = 24 * HOUR_MS;

export interface LeaseLook {
  readonly text: string;
  readonly tone: "neutral" | "warning" | "danger";
}

export function leaseLook(endsAtMs: number, nowMs: number): LeaseLook {
  const restMs = endsAtMs - nowMs;
  if (restMs <= 0) return { text: "Lease has ended", tone: "danger" };
  const text = `Lease ends in ${formatDuration(restMs / 1_000)}`;
  return { text, tone: restMs < SOON_MS ? "warning" : "neutral" };
}

/** The warning on a card; null while the end is far. */
export function leaseWarning(endsAtMs: number | null, nowMs: number): string | null {
  if (endsAtMs === null) return null;
  const look = leaseLook(endsAtMs, nowMs);
  return look.tone === "neutral" ? null : look.text;
}

const hours = [1, 4, 8, 24, 72, 168, leaseHours.max] as const;

function hoursLabel(count: number): string {
  if (count < 24) return count === 1 ? "1 hour" : `${count} hours`;
  return count === 24 ? "1 day" : `${count / 24} days`;
}

/** Lengths to choose from; `hours` as text, because a choice is text. */
export const leaseChoices = hours.map((count) => ({
  value: String(count),
  label: hoursLabel(count),
  hours: count,
}));

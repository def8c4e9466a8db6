/** The balance between two messages of the server, and how urgent it looks; pure. */
import type { CreditsView, LedgerKind } from "#protocol";
import { HOUR_MS } from "#protocol";
import type { Tone } from "../../shared/components/tones.ts";

/** What the server said, and when it came by this browser's clock, which may differ from the server's. */
export interface Known {
  readonly view: CreditsView;
  readonly atMs: number;
}

/** Milli-credits, counted on from what was said at the rate that was said; never below zero. */
export function balanceNow({ view, atMs }: Known, nowMs: number): number {
  const passedMs = Math.max(0, nowMs - atMs);
  return Math.max(0, view.balance - (view.burnPerHour * passedMs) / HOUR_MS);
}

/** Null when nothing burns, or nothing is left to burn. */
export function leftMs({ view, atMs }: Known, nowMs: number): number | null {
  if (view.emptiesAtMs === null) return null;
  return Math.max(0, view.emptiesAtMs - view.asOfMs - Math.max(0, nowMs - atMs));
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * HOUR_MS;

/** "9 h 20 min", "3 days 4 h", "12 min": the two greatest units, rounded down. */
export function spanWords(ms: number): string {
  if (ms < MINUTE_MS) return "less than a minute";
  const days = Math.floor(ms / DAY_MS);
  const hours = Math.floor((ms % DAY_MS) / HOUR_MS);
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  if (days > 0) return `${days} ${days === 1 ? "day" : "days"}${hours > 0 ? ` ${hours} h` : ""}`;
  if (hours > 0) return `${hours} h${minutes > 0 ? ` ${minutes} min` : ""}`;
  return `${minutes} min`;
}

/** One sentence on how long it lasts. */
export function lastsWords(known: Known, nowMs: number): string {
  if (known.view.level === "empty") return "Nothing is left";
  const left = leftMs(known, nowMs);
  return left === null ? "Nothing is being used" : `Empties in ${spanWords(left)}`;
}

export const levelTone: Readonly<Record<CreditsView["level"], Tone | null>> = {
  ok: null,
  low: "warning",
  critical: "danger",
  empty: "danger",
};

export const kindLook: Readonly<Record<LedgerKind, { readonly label: string; readonly tone: Tone }>> = {
  grant: { label: "Grant", tone: "success" },
  charge: { label: "Use", tone: "neutral" },
  hold: { label: "Hold", tone: "info" },
  release: { label: "Release", tone: "info" },
  adjustment: { label: "Adjustment", tone: "warning" },
};

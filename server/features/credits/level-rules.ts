/** Pure: how urgent an account is, and when to say so: once per crossing, and again only after better times. */
import type { CreditsView } from "#protocol";

export type CreditLevel = CreditsView["level"];

export interface Funds {
  /** Balance and what is held: a hold comes back, so it empties nobody. */
  readonly total: number;
  /** Total right after the newest grant. */
  readonly grantBalance: number;
  /** Null when nothing burns. */
  readonly emptiesInMs: number | null;
}

const MINUTE_MS = 60_000;
const CRITICAL_MS = 30 * MINUTE_MS;
/** A warning is given again only after an hour was left, or a quarter: at the border it would come again and again. */
const RECOVERED_MS = 60 * MINUTE_MS;
const LOW_SHARE = 0.2;
const RECOVERED_SHARE = 0.25;

const ranks = ["ok", "low", "critical", "empty"] as const satisfies readonly CreditLevel[];
const rankOf = (level: CreditLevel) => ranks.indexOf(level);

function atMost(leftMs: number | null, limitMs: number): boolean {
  return leftMs !== null && leftMs <= limitMs;
}

export function levelOf({ total, grantBalance, emptiesInMs }: Funds): CreditLevel {
  if (total <= 0) return "empty";
  if (atMost(emptiesInMs, CRITICAL_MS)) return "critical";
  return total <= grantBalance * LOW_SHARE ? "low" : "ok";
}

function stillHolds(told: CreditLevel, { total, grantBalance, emptiesInMs }: Funds): boolean {
  switch (told) {
    case "empty":
      return total <= 0;
    case "critical":
      return atMost(emptiesInMs, RECOVERED_MS);
    case "low":
      return total <= grantBalance * RECOVERED_SHARE;
    case "ok":
      return true;
    default:
      return told satisfies never;
  }
}

/** What counts as told from now on, and whether to tell the present level. */
export function planWarning(
  told: CreditLevel,
  funds: Funds,
): { told: CreditLevel; tell: CreditLevel | null } {
  const remembered = ranks.findLast((level) => rankOf(level) <= rankOf(told) && stillHolds(level, funds));
  const level = levelOf(funds);
  const before = remembered ?? "ok";
  if (rankOf(level) <= rankOf(before)) return { told: before, tell: null };
  return { told: level, tell: level };
}

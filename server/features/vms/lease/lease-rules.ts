/** Pure: when a lease warns and ends. */

const HOUR_MS = 3_600_000;
/** Hours before the end at which the owner is warned, the first one first. */
export const leaseWarnings = [24, 1] as const;
/** In place of hours: the end itself was told. */
const ENDED = 0;

export interface Lease {
  readonly leaseEndsAtMs: number;
  /** The newest warning given: hours before the end; null before the first. */
  readonly leaseWarnedHours: number | null;
}

/** A lease of this length from now on; warnings that would come at once are counted as given. */
export function leaseOf(hours: number | null, nowMs: number) {
  if (hours === null) return { leaseEndsAtMs: null, leaseWarnedHours: null };
  const given = leaseWarnings.findLast((before) => hours <= before) ?? null;
  return { leaseEndsAtMs: nowMs + hours * HOUR_MS, leaseWarnedHours: given };
}

export type LeaseStep =
  | { readonly kind: "none" }
  | { readonly kind: "warn"; readonly hours: number }
  /** `told` is false the first time. */
  | { readonly kind: "end"; readonly told: boolean };

export function leaseStep({ leaseEndsAtMs, leaseWarnedHours }: Lease, nowMs: number): LeaseStep {
  const leftMs = leaseEndsAtMs - nowMs;
  if (leftMs <= 0) return { kind: "end", told: leaseWarnedHours === ENDED };
  const due = leaseWarnings.findLast((hours) => leftMs <= hours * HOUR_MS);
  const isNew = due !== undefined && (leaseWarnedHours === null || leaseWarnedHours > due);
  return isNew ? { kind: "warn", hours: due } : { kind: "none" };
}

export const leaseEnded = { leaseWarnedHours: ENDED } as const;

/** Why a VM must not run any more; null while its lease lasts. */
export function leaseRefusal(
  { leaseEndsAtMs }: { leaseEndsAtMs: number | null },
  nowMs: number,
): string | null {
  if (leaseEndsAtMs === null || leaseEndsAtMs > nowMs) return null;
  return "The lease of this VM has ended; extend it first";
}

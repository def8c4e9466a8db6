/** Pure: what a meter has run up. Fractions of a milli-credit pass on to the VM's next meter, so none is lost or charged twice. */
import { HOUR_MS } from "#protocol";

export interface MeterReading {
  readonly price: number;
  readonly usedMs: number;
  readonly carry: number;
  readonly charged: number;
}

/** In milli-credits times milliseconds an hour: whole numbers, so that sums are exact. */
function runUp({ price, usedMs, carry }: MeterReading): number {
  return carry + price * usedMs;
}

/** Whole milli-credits not yet settled. */
export function dueOf(meter: MeterReading): number {
  return Math.floor(runUp(meter) / HOUR_MS) - meter.charged;
}

/** What the next meter of the same VM begins with: the fraction, and what could not be paid yet. */
export function remainderOf(meter: MeterReading): number {
  return runUp(meter) - meter.charged * HOUR_MS;
}

/** The same reading `elapsedMs` later. */
export function later<M extends MeterReading>(meter: M, elapsedMs: number): M {
  return { ...meter, usedMs: meter.usedMs + Math.max(0, elapsedMs) };
}

/** Milliseconds until what these meters run up reaches `balance`; null when nothing burns. */
export function emptiesInMs(meters: readonly MeterReading[], balance: number): number | null {
  const burn = meters.reduce((sum, { price }) => sum + price, 0);
  if (burn === 0) return null;
  const open = meters.reduce((sum, meter) => sum + remainderOf(meter), 0);
  return Math.max(0, Math.ceil((balance * HOUR_MS - open) / burn));
}

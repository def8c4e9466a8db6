/** Turns what meters have run up into charges. Call everything here inside a transaction. */
import type { UserId } from "#protocol";
import type { Clock } from "../../core/clock.ts";
import { usageWords } from "./credit-words.ts";
import type { Ledger } from "./ledger.ts";
import { dueOf } from "./meter-rules.ts";
import type { Meter, Meters } from "./meters.ts";

export interface Charging {
  readonly ledger: Ledger;
  readonly meters: Meters;
  readonly clock: Clock;
}

/**
 * Never takes more than there is. The rest is written off, unless something is held: a hold comes back within minutes, and
 * then it pays.
 */
export function chargeMeter({ ledger, meters, clock }: Charging, meter: Meter): void {
  const due = Math.max(0, dueOf(meter));
  const paid = Math.min(due, ledger.balanceOf(meter.userId));
  if (paid > 0)
    ledger.append({
      userId: meter.userId,
      kind: "charge",
      amount: -paid,
      // `charged` grows with every entry, so a meter never writes the same key twice.
      key: `use:${meter.id}:${meter.charged}`,
      reason: usageWords(meter.usage, meter.price),
      vm: { id: meter.vmId, name: meter.vmName },
      atMs: clock.now(),
    });
  const isForgiven = paid < due && ledger.account(meter.userId).held === 0;
  meters.save({
    ...meter,
    charged: meter.charged + (isForgiven ? due : paid),
    writtenOff: meter.writtenOff + (isForgiven ? due - paid : 0),
  });
}

/** All that is due of one user, or of everybody; gives whose meters run. */
export function chargeAll(charging: Charging, userId: UserId | null): ReadonlySet<UserId> {
  const open = charging.meters.open(userId);
  for (const meter of open) chargeMeter(charging, meter);
  return new Set(open.map((meter) => meter.userId));
}

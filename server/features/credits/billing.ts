/** What VMs cost: holds while they are made, and meters while they are there. Implements `VmBilling`. */
import { fullPrice, type JobId, priceOf, type UserId, type VmId } from "#protocol";
import type { BilledVm, VmBilling } from "../../core/billing.ts";
import { AppError } from "../../core/errors.ts";
import { type Charging, chargeAll, chargeMeter } from "./charging.ts";
import { creditWords } from "./credit-words.ts";
import { meteredUsage } from "./meters.ts";

/** A start must be paid for this long at least. */
const START_MINUTES = 1;

/** `touch` is told whose account changed course. */
export function createBilling(charging: Charging, touch: (userId: UserId) => void): VmBilling {
  const { ledger, meters, clock } = charging;

  /** With all that is due until now taken off. */
  function balanceNow(userId: UserId): number {
    chargeAll(charging, userId);
    return ledger.balanceOf(userId);
  }

  return {
    hold(jobId, vm) {
      const key = `hold:${jobId}`;
      if (ledger.find(key)) return;
      const price = fullPrice(vm);
      const balance = balanceNow(vm.ownerId);
      if (balance < price) throw tooPoor(`${creditWords(price)} for the first hour`, balance);
      ledger.append({
        userId: vm.ownerId,
        kind: "hold",
        amount: -price,
        key,
        reason: "Held for the first hour while the VM is made",
        vm: { id: vm.vmId, name: vm.name },
        atMs: clock.now(),
      });
      touch(vm.ownerId);
    },
    release: (jobId) => release(charging, jobId, touch),
    checkStart(vm) {
      const price = Math.ceil((priceOf(vm, "running") * START_MINUTES) / 60);
      const balance = balanceNow(vm.ownerId);
      if (balance < price) throw tooPoor(`${creditWords(price)} for the first minute`, balance);
    },
    meter(vm) {
      const open = meters.openOf(vm.vmId);
      const usage = meteredUsage(vm);
      if (open && isSameCourse(open, vm, usage)) return;
      if (open) {
        chargeMeter(charging, open);
        meters.end(open.id, clock.now());
        touch(open.userId);
      }
      if (usage === null) return;
      meters.begin(vm, usage, clock.now());
      touch(vm.ownerId);
    },
    end(vmId) {
      const open = meters.openOf(vmId);
      if (!open) return;
      chargeMeter(charging, open);
      meters.end(open.id, clock.now());
      touch(open.userId);
    },
  };
}

type OpenMeter = NonNullable<ReturnType<Charging["meters"]["openOf"]>>;

function isSameCourse(open: OpenMeter, vm: BilledVm, usage: OpenMeter["usage"] | null): boolean {
  return open.usage === usage && open.price === priceOf(vm, vm.state) && open.userId === vm.ownerId;
}

function release({ ledger, clock }: Charging, jobId: JobId, touch: (userId: UserId) => void): void {
  const key = `release:${jobId}`;
  const held = ledger.find(`hold:${jobId}`);
  if (!held || ledger.find(key)) return;
  ledger.append({
    userId: held.userId,
    kind: "release",
    amount: -held.amount,
    key,
    reason: "The hold is given back",
    vm: vmOf(held),
    atMs: clock.now(),
  });
  touch(held.userId);
}

function vmOf({ vmId, vmName }: { readonly vmId: VmId | null; readonly vmName: string | null }) {
  return vmId === null ? undefined : { id: vmId, name: vmName ?? "" };
}

function tooPoor(needed: string, balance: number): AppError {
  return new AppError("insufficient_credits", `It needs ${needed}; your balance is ${creditWords(balance)}`);
}

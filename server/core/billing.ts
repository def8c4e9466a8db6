/** What the VM feature asks of money and limits. Every function is synchronous and is called inside the transaction that writes the VM. */
import type { JobId, UserId, VmId, VmSize, VmState } from "#protocol";

export interface BilledVm extends VmSize {
  readonly vmId: VmId;
  readonly ownerId: UserId;
  readonly name: string;
  readonly state: VmState;
}

/** Implemented by features/credits. */
export interface VmBilling {
  /**
   * Holds one hour's price for a VM that `jobId` makes. Throws `insufficient_credits` with the numbers.
   * A second hold of the same job is the first one.
   */
  hold(jobId: JobId, vm: Omit<BilledVm, "state">): void;
  /** Gives the hold of a job back, once; nothing when it has none. */
  release(jobId: JobId): void;
  /** Throws `insufficient_credits` when the balance does not pay for a minute of the VM at full price. */
  checkStart(vm: BilledVm): void;
  /** The VM is in `vm.state` from now on: ends the running meter at its price and begins the next one. */
  meter(vm: BilledVm): void;
  /** The VM is gone for good: its last meter ends. */
  end(vmId: VmId): void;
}

/** Implemented by features/quotas. */
export interface VmAdmission {
  /** A new VM, or `vm` with another size. Throws `quota_exceeded` or `host_full` with the numbers. */
  admit(request: { readonly ownerId: UserId; readonly size: VmSize; readonly replaces: VmId | null }): void;
  /** The memory of a VM that is about to run. Throws `host_full` with the numbers. */
  admitStart(vm: BilledVm): void;
  admitSnapshot(ownerId: UserId): void;
  /** Call after the transaction: tells the owner what is used now. */
  changed(ownerId: UserId): void;
}

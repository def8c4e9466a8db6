/** What is done to a VM that is there: guard, decide, record, act, answer. For commands, other features and the server itself. */
import type { JobId, JobView, VmAction, VmId } from "#protocol";
import { AppError } from "../../core/errors.ts";
import type { Accepted, Origin, VmDeps } from "./deps.ts";
import { leaseRefusal } from "./lease/lease-rules.ts";
import type { Asked } from "./vm-repo.ts";
import {
  type Accepted as Allowed,
  type Plan,
  planAction,
  planOperation,
  type VmOperation,
} from "./vm-state.ts";
import { billedOf, foreignReason } from "./vm-view.ts";
import type { VmWork } from "./vm-work.ts";
import type { VmParts } from "./vm-parts.ts";
import type { VmRow } from "./vm-row.ts";

interface Parts extends VmParts {
  readonly work: VmWork;
}

export class VmActions {
  readonly #deps: VmDeps;
  readonly #parts: Parts;

  constructor(deps: VmDeps, parts: Parts) {
    this.#deps = deps;
    this.#parts = parts;
  }

  act(vm: VmRow, action: VmAction, origin: Origin): Accepted {
    // Asked twice, it is the same destroy.
    if (action === "destroy" && vm.state === "destroying" && vm.activeJobId !== null)
      return { vm: this.#parts.views.of(vm), jobId: vm.activeJobId };
    const plan = this.#allowed(vm, planAction(action, vm.state));
    const check = action === "start" ? () => this.checkStart(vm) : undefined;
    const job = this.#parts.repo.begin(vm, plan, { ...origin, request: { vmId: vm.id } }, check);
    return this.accept(vm.id, job, vm.activeJobId);
  }

  /** `check` runs inside the transaction, before the VM changes; it may refuse and may write what belongs to the job. */
  operate(vm: VmRow, operation: VmOperation, asked: Asked, check: (job: JobView) => void): Accepted {
    const plan = this.allowOperation(vm, operation);
    const job = this.#parts.repo.begin(vm, plan, asked, check);
    return this.accept(vm.id, job);
  }

  /** Throws `conflict` with the reason when the state of the VM does not allow it. */
  allowOperation(vm: VmRow, operation: VmOperation): Allowed {
    return this.#allowed(vm, planOperation(operation, vm.state));
  }

  /** May it run now: paid for, held by the host, its lease not over. Call it in the transaction that starts it. */
  checkStart(vm: VmRow): void {
    const refusal = leaseRefusal(vm, this.#deps.clock.now());
    if (refusal !== null) throw new AppError("conflict", refusal);
    this.#deps.billing.checkStart(billedOf(vm));
    this.#deps.admission.admitStart(billedOf(vm));
  }

  /** Sets the background work of a written job going and tells what was accepted. */
  accept(vmId: VmId, job: JobView, replaces: JobId | null = null): Accepted {
    const { repo, events, views, work } = this.#parts;
    const row = repo.find(vmId);
    if (!row) throw new AppError("internal", "A VM vanished while its job was written");
    events.changed(vmId);
    this.#deps.admission.changed(row.ownerId);
    // Not awaited: a boot takes seconds to minutes and the browser only needs to know it was accepted.
    void work.begin(row, job, replaces);
    return { vm: views.of(row), jobId: job.id };
  }

  #allowed(vm: VmRow, plan: Plan): Allowed {
    const foreign = foreignReason(vm, this.#deps.driver.info);
    if (foreign !== null) throw new AppError("conflict", foreign);
    if (!plan.ok) throw new AppError("conflict", plan.reason);
    if (vm.activeJobId !== null && !plan.replacesJob)
      throw new AppError("conflict", "A job still works on this VM");
    return plan;
  }
}

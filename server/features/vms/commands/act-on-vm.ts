/** `vm.start`, `vm.stop`, `vm.restart`, `vm.destroy`: guard, decide, record, act, answer. */
import type { VmAction, VmId } from "#protocol";
import type { Session } from "../../../core/caller.ts";
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import type { VmCommandDeps } from "../deps.ts";
import { planAction } from "../vm-state.ts";
import { foreignReason } from "../vm-view.ts";

function act(action: VmAction, vmId: VmId, session: Session, deps: VmCommandDeps) {
  const vm = deps.rowFor(session, vmId);
  const foreign = foreignReason(vm, deps.driver.info);
  if (foreign !== null) throw new AppError("conflict", foreign);

  const plan = planAction(action, vm.state);
  if (!plan.ok) throw new AppError("conflict", plan.reason);
  if (vm.activeJobId !== null && !plan.replacesJob)
    throw new AppError("conflict", "A job still works on this VM");

  const job = deps.repo.beginTransition(vm, plan);
  // Not awaited: a boot takes seconds to minutes and the browser only needs to know it was accepted.
  return deps.accept(vm.id, job, vm.activeJobId);
}

export const startVm = defineCommand("vm.start", ({ vmId }, { session }, deps: VmCommandDeps) =>
  act("start", vmId, session, deps),
);
export const stopVm = defineCommand("vm.stop", ({ vmId }, { session }, deps: VmCommandDeps) =>
  act("stop", vmId, session, deps),
);
export const restartVm = defineCommand("vm.restart", ({ vmId }, { session }, deps: VmCommandDeps) =>
  act("restart", vmId, session, deps),
);
export const destroyVm = defineCommand("vm.destroy", ({ vmId }, { session }, deps: VmCommandDeps) =>
  act("destroy", vmId, session, deps),
);

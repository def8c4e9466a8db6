/** `vm.start`, `vm.stop`, `vm.restart`, `vm.destroy`, and `vm.bulk`, which does one of them to many. */
import { bulkError, type VmAction, type VmId } from "#protocol";
import { defineCommand } from "../../../core/command.ts";
import { toWireError } from "../../../core/errors.ts";
import { type Accepted, originOf, type VmCaller } from "../deps.ts";
import { answered } from "./answered.ts";
import type { VmCommandDeps } from "../command-deps.ts";

function act(action: VmAction, vmId: VmId, caller: VmCaller, deps: VmCommandDeps): Accepted {
  const vm = deps.rowFor(caller.session, vmId);
  return answered(deps, caller) ?? deps.actions.act(vm, action, originOf(caller));
}

export const startVm = defineCommand("vm.start", ({ vmId }, caller, deps: VmCommandDeps) =>
  act("start", vmId, caller, deps),
);
export const stopVm = defineCommand("vm.stop", ({ vmId }, caller, deps: VmCommandDeps) =>
  act("stop", vmId, caller, deps),
);
export const restartVm = defineCommand("vm.restart", ({ vmId }, caller, deps: VmCommandDeps) =>
  act("restart", vmId, caller, deps),
);
export const destroyVm = defineCommand("vm.destroy", ({ vmId }, caller, deps: VmCommandDeps) =>
  act("destroy", vmId, caller, deps),
);

export const bulkVms = defineCommand("vm.bulk", ({ vmIds, action }, caller, deps: VmCommandDeps) => ({
  // Once each: the second of two equal ids would only be told that the first is at work.
  results: [...new Set(vmIds)].map((vmId) => resultOf(vmId, () => actOnOne(action, vmId, caller, deps))),
}));

/** One key of the request for each VM, so that a repeated request finds what it had begun. */
function actOnOne(action: VmAction, vmId: VmId, caller: VmCaller, deps: VmCommandDeps): Accepted {
  const { session, requestKey } = caller;
  const single = requestKey === undefined ? { session } : { session, requestKey: `${requestKey} ${vmId}` };
  return act(action, vmId, single, deps);
}

/** One row of a list of results: a refusal of one VM leaves the others alone. */
export function resultOf(vmId: VmId, work: () => Pick<Accepted, "jobId">) {
  try {
    return { vmId, jobId: work().jobId, error: null };
  } catch (error) {
    return { vmId, jobId: null, error: bulkError.parse(toWireError(error)) };
  }
}

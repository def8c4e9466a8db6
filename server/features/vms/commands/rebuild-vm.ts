/** `vm.rebuild`: the same VM anew, from its own image or another. */
import { defineCommand } from "../../../core/command.ts";
import { originOf } from "../deps.ts";
import { answered } from "./answered.ts";
import type { VmCommandDeps } from "../command-deps.ts";

export const rebuildVm = defineCommand("vm.rebuild", async (input, caller, deps: VmCommandDeps) => {
  const { session } = caller;
  const row = deps.rowFor(session, input.vmId);
  const before = answered(deps, caller);
  if (before) return before;
  const image = input.image ?? row.image;
  // An image that is hidden is offered to nobody anew; who has it keeps it.
  const role = image === row.image ? "admin" : session.role;
  await deps.images.check({ image, ramMb: row.ramMb, diskGb: row.diskGb }, role);
  // The check took a moment: the VM as it is now decides.
  return deps.making.rebuild(deps.rowFor(session, input.vmId), image, originOf(caller));
});

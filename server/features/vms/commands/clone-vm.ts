/** `vm.clone`: a new VM with the disk of a stopped one, or of one of its snapshots. It belongs to the owner of the first. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import { originOf } from "../deps.ts";
import { answered } from "./answered.ts";
import { readySnapshot } from "./snapshots.ts";
import type { VmCommandDeps } from "../command-deps.ts";

export const cloneVm = defineCommand("vm.clone", (input, caller, deps: VmCommandDeps) => {
  const source = deps.rowFor(caller.session, input.vmId);
  const before = answered(deps, caller);
  if (before) return before;
  if (!deps.driver.abilities.clone)
    throw new AppError("unsupported", `VMs of the ${deps.driver.info.name} driver cannot be cloned`);
  const snapshot = input.snapshotId === undefined ? null : readySnapshot(deps, source, input.snapshotId);
  return deps.making.clone(source, input.name, snapshot, originOf(caller));
});

/** `vm.create`: checks the image, writes the VM with its job, and leaves the boot to the background. */
import { defineCommand } from "../../../core/command.ts";
import { originOf } from "../deps.ts";
import { answered } from "./answered.ts";
import type { VmCommandDeps } from "../command-deps.ts";

export const createVm = defineCommand("vm.create", async (input, caller, deps: VmCommandDeps) => {
  const { session } = caller;
  const before = answered(deps, caller);
  if (before) return before;
  await deps.images.check(input, session.role);
  // No look for the name first that counts: only the index can decide between two creates at once.
  return deps.making.create(input, session.userId, originOf(caller));
});

/** `vm.create`: checks the image, writes the VM with its job, and leaves the boot to the background. */
import { defineCommand } from "../../../core/command.ts";
import type { VmCommandDeps } from "../deps.ts";

export const createVm = defineCommand("vm.create", async (spec, { session }, deps: VmCommandDeps) => {
  await deps.images.check(spec);
  // No look for the name first: only the index can decide between two creates at once.
  const { vmId, job } = deps.repo.insert(spec, session.userId, deps.driver.info.name, deps.clock.now());
  return deps.accept(vmId, job);
});

/** `vm.create`: checks the image, writes the VM with its job, and leaves the boot to the background. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import type { VmCommandDeps } from "../deps.ts";

export const createVm = defineCommand("vm.create", async (spec, { session }, deps: VmCommandDeps) => {
  await deps.images.check(spec);
  // Making it anew would take over a disk that somebody may still miss.
  if (deps.isOrphan(session.userId, spec.name))
    throw new AppError(
      "conflict",
      `A VM named ${spec.name} is left on the host; an administrator must remove it`,
      {
        field: "name",
      },
    );
  // No look for the name first: only the index can decide between two creates at once.
  const { vmId, job } = deps.repo.insert(spec, session.userId, deps.driver.info.name, deps.clock.now());
  return deps.accept(vmId, job);
});

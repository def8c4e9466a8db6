/** `vm.list`: the caller's VMs, oldest first. */
import { defineCommand } from "../../../core/command.ts";
import type { VmCommandDeps } from "../command-deps.ts";

export const listVms = defineCommand("vm.list", (_input, { session }, { repo, views }: VmCommandDeps) => ({
  vms: views.all(repo.list(session.userId)),
}));

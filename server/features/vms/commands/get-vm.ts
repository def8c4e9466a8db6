/** `vm.get`: one VM of the caller; administrators see everybody's. */
import { defineCommand } from "../../../core/command.ts";
import type { VmCommandDeps } from "../command-deps.ts";

export const getVm = defineCommand("vm.get", ({ vmId }, { session }, { rowFor, views }: VmCommandDeps) => ({
  vm: views.of(rowFor(session, vmId)),
}));

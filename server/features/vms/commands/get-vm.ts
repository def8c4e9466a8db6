/** `vm.get`: one VM of the caller. */
import { defineCommand } from "../../../core/command.ts";
import type { VmCommandDeps } from "../deps.ts";
import { viewOf } from "../vm-view.ts";

export const getVm = defineCommand("vm.get", ({ vmId }, { session }, { rowFor, driver }: VmCommandDeps) => ({
  vm: viewOf(rowFor(session, vmId), driver.info),
}));

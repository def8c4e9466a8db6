/** `vm.list`: the caller's VMs, oldest first. */
import { defineCommand } from "../../../core/command.ts";
import type { VmCommandDeps } from "../deps.ts";
import { viewOf } from "../vm-view.ts";

export const listVms = defineCommand("vm.list", (_input, { session }, { repo, driver }: VmCommandDeps) => ({
  vms: repo.list(session.userId).map((row) => viewOf(row, driver.info)),
}));

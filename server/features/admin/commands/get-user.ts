/** `admin.user.get`: one user with quota and VMs. */
import { defineCommand } from "../../../core/command.ts";
import type { AdminCommandDeps } from "../command-deps.ts";
import { existing } from "../user-rules.ts";

export const getUser = defineCommand("admin.user.get", ({ userId }, _caller, deps: AdminCommandDeps) => ({
  user: existing(deps, userId),
  quota: deps.quotas.viewOf(userId),
  vms: [...deps.vms.ownedBy(userId)],
}));

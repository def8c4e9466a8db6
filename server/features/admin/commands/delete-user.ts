/** `admin.user.delete`: the account goes; its VMs are destroyed first or handed to somebody else. */
import type { CommandInput } from "#protocol";
import type { Caller, Session } from "../../../core/caller.ts";
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import { tellOfAccount } from "../account-events.ts";
import type { AdminCommandDeps } from "../command-deps.ts";
import { existing, lasting } from "../user-rules.ts";

type Input = CommandInput<"admin.user.delete">;

function heirOf({ userId, transferTo }: Input, deps: AdminCommandDeps) {
  const refuse = (rule: string) =>
    new AppError("invalid_input", `transferTo must be ${rule}`, { field: "transferTo" });
  if (transferTo === undefined) throw refuse("the id of the user who gets the VMs");
  const heir = deps.users.find(transferTo);
  if (!heir || !heir.active || heir.id === userId || deps.deletion.isPending(heir.id))
    throw refuse("the id of another, active user");
  return heir;
}

function handOver(input: Input, caller: Caller<Session>, deps: AdminCommandDeps): void {
  const { userId } = input;
  const { username } = existing(deps, userId);
  const heir = heirOf(input, deps);
  // In this order, because the new owner hears of the VMs at the end of `transfer`, when nothing is refused any more.
  deps.db.tx(() => {
    deps.accounts.remove(userId);
    deps.vms.transfer(userId, heir.id);
  });
  tellOfAccount(deps, caller, {
    ...{ userId, username, name: "account.deleted" },
    message: `The account ${username} is deleted and its VMs are handed to ${heir.username}`,
  });
  tellOfAccount(deps, caller, {
    ...{ userId: heir.id, username: heir.username, name: "vm.received" },
    message: `The VMs of ${username} are handed to ${heir.username}`,
  });
}

export const deleteUser = defineCommand("admin.user.delete", (input, caller, deps: AdminCommandDeps) => {
  const { session } = caller;
  const { userId } = input;
  const user = input.vms === "transfer" ? lasting(deps, userId) : existing(deps, userId);
  if (userId === session.userId)
    throw new AppError("conflict", "You cannot delete your own account; another administrator can");
  // Whoever names an heir does not want the VMs destroyed; nothing brings them back.
  if (input.vms === "destroy" && input.transferTo !== undefined)
    throw new AppError("invalid_input", "transferTo must be left out where the VMs are destroyed", {
      field: "transferTo",
    });
  if (input.vms === "transfer") {
    handOver(input, caller, deps);
    return { jobIds: [] };
  }
  const isFirst = !deps.deletion.isPending(userId);
  const actor = { id: session.userId, name: session.username };
  const jobIds = deps.deletion.destroyAll({ userId, username: user.username, actor });
  if (isFirst && jobIds.length > 0)
    tellOfAccount(deps, caller, {
      ...{ userId, username: user.username, name: "account.deletion", severity: "warning" },
      message: `The account ${user.username} is closed, to be deleted with its ${jobIds.length === 1 ? "VM" : "VMs"},`,
    });
  return { jobIds };
});

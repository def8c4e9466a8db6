/** `admin.user.create`: an account with the given password, or with one that is shown once. */
import { defineCommand } from "../../../core/command.ts";
import { tellOfAccount } from "../account-events.ts";
import type { AdminCommandDeps } from "../command-deps.ts";
import { existing } from "../user-rules.ts";

export const createUser = defineCommand(
  "admin.user.create",
  async (input, caller, deps: AdminCommandDeps) => {
    const account = { ...input, password: input.password ?? null };
    const { userId, oneTimePassword } = await deps.accounts.create(account);
    const user = existing(deps, userId);
    const { username } = user;
    tellOfAccount(deps, caller, {
      userId,
      username,
      name: "account.created",
      message: `The account ${username} is made`,
    });
    return { user, password: oneTimePassword };
  },
);

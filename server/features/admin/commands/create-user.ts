/** `admin.user.create`: an account with the given password, or with one that is shown once. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import { tellOfAccount } from "../account-events.ts";
import type { AdminCommandDeps } from "../command-deps.ts";
import { existing } from "../user-rules.ts";

export const createUser = defineCommand(
  "admin.user.create",
  async (input, caller, deps: AdminCommandDeps) => {
    if (input.expiresAtMs !== null && input.expiresAtMs <= deps.clock.now())
      throw new AppError("invalid_input", "expiresAtMs must be a time to come", { field: "expiresAtMs" });
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

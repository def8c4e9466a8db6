/** `admin.user.resetPassword` and `admin.user.logout`: who may get in. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import { tellOfAccount } from "../account-events.ts";
import type { AdminCommandDeps } from "../command-deps.ts";
import { existing, lasting } from "../user-rules.ts";

export const resetPassword = defineCommand(
  "admin.user.resetPassword",
  async ({ userId }, caller, deps: AdminCommandDeps) => {
    const { username } = lasting(deps, userId);
    // It would end this very session, and the second factor with it.
    if (userId === caller.session.userId)
      throw new AppError("conflict", "Change your own password on the page of your account");
    const password = await deps.accounts.resetPassword(userId);
    tellOfAccount(deps, caller, {
      ...{ userId, username, name: "account.password.reset", severity: "warning" },
      message: `The password of ${username} is reset`,
    });
    return { password };
  },
);

export const logoutUser = defineCommand("admin.user.logout", ({ userId }, caller, deps: AdminCommandDeps) => {
  const { username } = existing(deps, userId);
  const ended = deps.accounts.endSessions(userId);
  tellOfAccount(deps, caller, {
    ...{ userId, username, name: "account.logout", severity: "warning" },
    message: `Every session and API token of ${username} is ended`,
  });
  return { ended };
});

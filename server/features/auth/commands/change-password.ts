/** `auth.changePassword`: whoever got in by the old one is out, and the caller goes on in a new session. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import { tellOwner } from "../account-events.ts";
import type { AuthDeps } from "../deps.ts";
import { endAccess } from "../end-access.ts";
import { addSession, toLoginResult } from "../open-session.ts";
import { withPassword } from "../prove.ts";

const same = () =>
  new AppError("invalid_input", "newPassword must be another one than the current password", {
    field: "newPassword",
  });

export const changePassword = defineCommand(
  "auth.changePassword",
  async ({ currentPassword, newPassword }, caller, deps: AuthDeps) => {
    if (currentPassword.normalize("NFKC") === newPassword.normalize("NFKC")) throw same();
    const passwordHash = await deps.passwords.hash(newPassword);
    const proof = { password: currentPassword, field: "currentPassword" };
    const opened = await withPassword(proof, caller, deps, (user) => {
      const changed = deps.users.update(user.id, { passwordHash, mustChangePassword: false }) ?? user;
      endAccess(user.id, deps);
      return addSession(changed, caller, deps);
    });
    const { id: userId, username } = opened.user;
    deps.bus.endSessions({ kind: "user", userId });
    deps.log.info({ event: "auth.password_changed", userId });
    tellOwner(
      {
        ...{ userId, username, name: "account.password.changed", severity: "warning" },
        message: "Your password was changed; other sessions and all API tokens ended",
      },
      caller,
      deps,
    );
    return toLoginResult(opened, deps);
  },
);

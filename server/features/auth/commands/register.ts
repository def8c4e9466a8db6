/** `auth.register`: makes an account and opens its first session. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import { ADMIN_NAME } from "../admin-account.ts";
import type { AuthDeps } from "../deps.ts";
import { addSession, toLoginResult } from "../open-session.ts";

const taken = () => new AppError("conflict", "This user name is taken", { field: "username" });

export const register = defineCommand(
  "auth.register",
  async ({ username, password }, caller, deps: AuthDeps) => {
    await deps.throttle.register(caller.remoteAddress);
    // Reserved even before it exists: whoever registers first must not become the face of the administrator.
    if (username === ADMIN_NAME || deps.users.findByName(username) !== null) throw taken();

    const passwordHash = await deps.passwords.hash(password);
    const opened = deps.tx(() => {
      const user = deps.users.add({ username, passwordHash, role: "user", createdAtMs: deps.clock.now() });
      // Somebody else registered the name while we hashed.
      if (user === null) throw taken();
      deps.accounts.created(user.id, username);
      return addSession(user, caller, deps);
    });
    deps.log.info({ event: "auth.registered", userId: opened.user.id, from: caller.remoteAddress });
    return toLoginResult(opened, deps);
  },
);

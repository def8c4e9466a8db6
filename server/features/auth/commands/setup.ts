/** `auth.setup`: turns the one-time set-up token into the first administrator. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import { claimAdmin, isSetupToken } from "../admin-account.ts";
import type { AuthDeps } from "../deps.ts";
import { addSession, toLoginResult } from "../open-session.ts";

const refused = () =>
  new AppError(
    "unauthenticated",
    "This set-up link is used or replaced; restart the server to get a new one",
  );

export const setup = defineCommand("auth.setup", async ({ token, password }, caller, deps: AuthDeps) => {
  await deps.throttle.setup(caller.remoteAddress);
  // Before hashing: wrong tokens must be cheap.
  if (!isSetupToken(token, deps)) throw refused();

  const passwordHash = await deps.passwords.hash(password);
  const opened = deps.tx(() => {
    const admin = claimAdmin(token, passwordHash, deps);
    if (admin === null) throw refused();
    return addSession(admin, caller, deps);
  });
  deps.log.info({ event: "auth.setup", userId: opened.user.id, from: caller.remoteAddress });
  return toLoginResult(opened, deps);
});

/** `auth.login`: the same answer, after the same time, for a wrong name and a wrong password. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import type { AuthDeps } from "../deps.ts";
import type { LoginAttempt } from "../login-throttle.ts";
import { addSession, toLoginResult } from "../open-session.ts";
import type { UserRow } from "../user-repo.ts";

const refused = () => new AppError("unauthenticated", "Wrong user name or password");

/** Whom a full queue sends away has guessed nothing. */
async function verifyOrWithdraw(
  password: string,
  user: UserRow | null,
  attempt: LoginAttempt,
  deps: AuthDeps,
): Promise<boolean> {
  try {
    return await deps.passwords.verify(password, user?.passwordHash ?? null);
  } catch (error) {
    await deps.throttle.undecided(attempt);
    throw error;
  }
}

export const login = defineCommand("auth.login", async (input, caller, deps: AuthDeps) => {
  // Names are lower case; phones capitalise the first letter.
  const username = input.username.toLowerCase();
  const user = deps.users.findByName(username);
  const known = user !== null && deps.sessions.hasComeFrom(user.id, caller.remoteAddress);
  const attempt = { address: caller.remoteAddress, username, known };
  await deps.throttle.login(attempt);

  const isRight = await verifyOrWithdraw(input.password, user, attempt, deps);
  if (user === null || !isRight) {
    // Without the name: people type their password into the wrong field.
    deps.log.warn({ event: "auth.login_failed", userId: user?.id ?? null, from: caller.remoteAddress });
    throw refused();
  }
  await deps.throttle.succeeded(attempt);

  const opened = deps.tx(() => {
    // Hashing took a while: the account may have changed meanwhile.
    const now = deps.users.find(user.id);
    if (now === null || now.passwordHash !== user.passwordHash) throw refused();
    if (!now.active) throw new AppError("forbidden", "This account is deactivated");
    return addSession(now, caller, deps);
  });
  deps.log.info({ event: "auth.login", userId: user.id, from: caller.remoteAddress });
  return toLoginResult(opened, deps);
});

/** `auth.login`: the same answer, after the same time, for a wrong name and a wrong password; then the second factor. */
import type { Caller } from "../../../core/caller.ts";
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import { tellOwner } from "../account-events.ts";
import type { AuthDeps } from "../deps.ts";
import type { LoginAttempt } from "../login-throttle.ts";
import { addSession, type OpenedSession, toLoginResult } from "../open-session.ts";
import { checkPassword } from "../prove.ts";
import type { UserRow } from "../user-repo.ts";

const refused = () => new AppError("unauthenticated", "Wrong user name or password");

/** Told only to somebody who knows the password. */
function refuseClosed(user: UserRow, nowMs: number): void {
  if (!user.active) throw new AppError("forbidden", "This account is deactivated");
  if (user.expiresAtMs !== null && user.expiresAtMs <= nowMs)
    throw new AppError("forbidden", "This account has expired");
}

function refuseWithoutCode(user: UserRow, code: string | undefined, deps: AuthDeps): void {
  if (user.totpEnabledAtMs === null) return;
  if (code === undefined)
    throw new AppError("second_factor_required", "Give the code of your authenticator app too");
  if (!deps.secondFactor.accept(user, code, deps.clock.now()))
    throw new AppError("unauthenticated", "This code is wrong, used or too old", { field: "code" });
}

/** Opens the session of somebody who gave the right password; a refusal decides whether it was one more wrong guess. */
async function open(
  { user, code, attempt }: { user: UserRow; code: string | undefined; attempt: LoginAttempt },
  caller: Caller,
  deps: AuthDeps,
): Promise<OpenedSession> {
  try {
    return deps.tx(() => {
      // Hashing took a while: the account may have changed meanwhile.
      const now = deps.users.findByName(user.username);
      if (now === null || now.passwordHash !== user.passwordHash) throw refused();
      refuseClosed(now, deps.clock.now());
      refuseWithoutCode(now, code, deps);
      return addSession(now, caller, deps);
    });
  } catch (error) {
    const isGuess = error instanceof AppError && error.code === "unauthenticated";
    if (isGuess) logFailure(user, caller, deps);
    // Only this one is taken back: forgetting the failures before would buy new guesses of the code.
    else await deps.throttle.undecided(attempt);
    throw error;
  }
}

function logFailure(user: UserRow | null, { remoteAddress }: Caller, { log }: AuthDeps): void {
  // Without the name: people type their password into the wrong field.
  log.warn({ event: "auth.login_failed", userId: user?.id ?? null, from: remoteAddress });
}

function tellOfNewAddress(user: UserRow, caller: Caller, deps: AuthDeps): void {
  const { id: userId, username } = user;
  const message = `Logged in from ${caller.remoteAddress}, an address not seen in the last month`;
  const name = "account.login.new_address";
  tellOwner({ userId, username, name, message, severity: "warning" }, caller, deps);
}

export const login = defineCommand("auth.login", async (input, caller, deps: AuthDeps) => {
  // Names are lower case; phones capitalise the first letter.
  const username = input.username.toLowerCase();
  const user = deps.users.findByName(username);
  const asked = { username, user, password: input.password };
  const { isRight, attempt } = await checkPassword(asked, caller, deps);
  if (user === null || !isRight) {
    logFailure(user, caller, deps);
    throw refused();
  }
  const opened = await open({ user, code: input.code, attempt }, caller, deps);
  await deps.throttle.succeeded(attempt);
  deps.log.info({ event: "auth.login", userId: user.id, from: caller.remoteAddress });
  if (!attempt.known && user.lastLoginAtMs !== null) tellOfNewAddress(user, caller, deps);
  return toLoginResult(opened, deps);
});

/** Proof that the person is who they say: password, then code, each wrong guess counted against guessing. */
import type { Caller, Session } from "../../core/caller.ts";
import { AppError } from "../../core/errors.ts";
import type { AuthDeps } from "./deps.ts";
import type { LoginAttempt } from "./login-throttle.ts";
import type { UserRow } from "./user-repo.ts";

export interface PasswordCheck {
  readonly isRight: boolean;
  /** Counted as a failure until `throttle.succeeded` or `undecided` takes it back. */
  readonly attempt: LoginAttempt;
}

/** A null user costs the same as a real one and is never right. Throws `rate_limited`, `unavailable`. */
export async function checkPassword(
  { username, user, password }: { username: string; user: UserRow | null; password: string },
  { remoteAddress }: Caller,
  deps: AuthDeps,
): Promise<PasswordCheck> {
  const attempt = await count(username, user, remoteAddress, deps);
  try {
    return { isRight: await deps.passwords.verify(password, user?.passwordHash ?? null), attempt };
  } catch (error) {
    // Whom a full queue sends away has guessed nothing.
    await deps.throttle.undecided(attempt);
    throw error;
  }
}

async function count(
  username: string,
  user: UserRow | null,
  address: string,
  deps: AuthDeps,
): Promise<LoginAttempt> {
  const known = user !== null && deps.sessions.hasComeFrom(user.id, address);
  const attempt = { address, username, known };
  await deps.throttle.login(attempt);
  return attempt;
}

export const wrongCode = () =>
  new AppError("forbidden", "This code is wrong, used or too old", { field: "code" });

/** What is refused for another reason than a wrong guess is not counted as one. */
async function unlessGuessed<T>(attempt: LoginAttempt, deps: AuthDeps, work: () => T): Promise<T> {
  try {
    return deps.tx(work);
  } catch (error) {
    const isGuess = error instanceof AppError && error.code === "forbidden";
    if (!isGuess) await deps.throttle.undecided(attempt);
    throw error;
  }
}

const loginFirst = () => new AppError("unauthenticated", "Log in first");

export function accountOf({ session }: Caller<Session>, deps: AuthDeps): UserRow {
  const user = deps.users.find(session.userId);
  if (user === null) throw loginFirst();
  return user;
}

/**
 * What guards an account changes only for somebody who proves again to be its owner: an open browser is not enough.
 * Runs `change` in one transaction with the account as of then, and only its success counts as a right guess.
 */
export async function withPassword<T>(
  { password, field }: { password: string; field: string },
  caller: Caller<Session>,
  deps: AuthDeps,
  change: (user: UserRow) => T,
): Promise<T> {
  const user = accountOf(caller, deps);
  const { isRight, attempt } = await checkPassword({ username: user.username, user, password }, caller, deps);
  if (!isRight) throw new AppError("forbidden", "This is not your password", { field });
  const result = await unlessGuessed(attempt, deps, () => {
    const now = accountOf(caller, deps);
    // Checking took a while: another session may have changed the account meanwhile.
    if (!now.active || now.passwordHash !== user.passwordHash) throw loginFirst();
    return change(now);
  });
  await deps.throttle.succeeded(attempt);
  return result;
}

/** A code alone, for the one step that comes right after the password. */
export async function withCode<T>(
  caller: Caller<Session>,
  deps: AuthDeps,
  change: (user: UserRow) => T,
): Promise<T> {
  const user = accountOf(caller, deps);
  const attempt = await count(user.username, user, caller.remoteAddress, deps);
  const result = await unlessGuessed(attempt, deps, () => change(accountOf(caller, deps)));
  await deps.throttle.undecided(attempt);
  return result;
}

/** What administration does with accounts: make, change, reset, close and remove them. */
import type { UserId } from "#protocol";
import type { AccountAdmin, AccountChange, NewAccount } from "../../core/accounts.ts";
import { AppError } from "../../core/errors.ts";
import type { AuthDeps } from "./deps.ts";
import { endAccess } from "./end-access.ts";
import { makeOneTimePassword } from "./one-time-password.ts";
import type { UserRow } from "./user-repo.ts";

const taken = () => new AppError("conflict", "This user name is taken", { field: "username" });
const lastAdmin = () =>
  new AppError(
    "conflict",
    "The cloud must keep an active administrator; give the role to somebody else first",
  );

const isAdminAt = (user: UserRow, atMs: number) =>
  user.role === "admin" &&
  user.active &&
  user.deletedAtMs === null &&
  (user.expiresAtMs ?? Number.POSITIVE_INFINITY) > atMs;

/** Throws when the change leaves nobody to administer the cloud, now or once accounts with an end are over. */
function keepAnAdmin(before: UserRow, after: UserRow, deps: AuthDeps): void {
  for (const atMs of [deps.clock.now(), Number.MAX_SAFE_INTEGER]) {
    const isLost = isAdminAt(before, atMs) && !isAdminAt(after, atMs);
    if (isLost && !deps.users.hasOtherActiveAdmin(before.id, atMs)) throw lastAdmin();
  }
}

function existing(userId: UserId, deps: AuthDeps): UserRow {
  const user = deps.users.find(userId);
  if (user === null || user.deletedAtMs !== null) throw new AppError("not_found", "No such user");
  return user;
}

async function create(account: NewAccount, deps: AuthDeps) {
  const { username, role, className, email, expiresAtMs } = account;
  if (deps.users.findByName(username) !== null) throw taken();
  const oneTimePassword = account.password === null ? makeOneTimePassword() : null;
  const passwordHash = await deps.passwords.hash(account.password ?? oneTimePassword ?? "");
  const { id: userId } = deps.tx(() => {
    const user = deps.users.add({
      ...{ username, passwordHash, role, className, email, expiresAtMs },
      // Whoever knows a password besides its owner should know it only until the first log-in.
      mustChangePassword: true,
      createdAtMs: deps.clock.now(),
    });
    // Somebody else took the name while we hashed.
    if (user === null) throw taken();
    deps.accounts.created(user.id, username);
    return user;
  });
  return { userId, oneTimePassword };
}

function update(userId: UserId, change: AccountChange, deps: AuthDeps): void {
  const losesAccess = deps.tx(() => {
    const before = existing(userId, deps);
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    if (Object.keys(given).length === 0) return false;
    const after = deps.users.update(userId, given) ?? before;
    keepAnAdmin(before, after, deps);
    deps.sessions.forget(userId);
    deps.apiTokens.forget(userId);
    const isOver = after.expiresAtMs !== null && after.expiresAtMs <= deps.clock.now();
    // A session was opened with the rights of then; with others, its owner logs in again.
    const ends = (before.active && !after.active) || before.role !== after.role || isOver;
    if (ends) deps.sessions.revokeAllOf(userId);
    return ends;
  });
  if (losesAccess) deps.bus.endSessions({ kind: "user", userId });
}

async function resetPassword(userId: UserId, deps: AuthDeps): Promise<string> {
  existing(userId, deps);
  const password = makeOneTimePassword();
  const passwordHash = await deps.passwords.hash(password);
  deps.tx(() => {
    existing(userId, deps);
    deps.users.update(userId, { passwordHash, mustChangePassword: true });
    deps.secondFactor.remove(userId);
    endAccess(userId, deps);
  });
  deps.bus.endSessions({ kind: "user", userId });
  return password;
}

function endSessions(userId: UserId, deps: AuthDeps): number {
  const ended = deps.tx(() => {
    existing(userId, deps);
    return endAccess(userId, deps);
  });
  deps.bus.endSessions({ kind: "user", userId });
  return ended;
}

function remove(userId: UserId, deps: AuthDeps): void {
  deps.tx(() => {
    const before = existing(userId, deps);
    const deletedAtMs = deps.clock.now();
    const after = deps.users.update(userId, { deletedAtMs, active: false, email: null }) ?? before;
    keepAnAdmin(before, after, deps);
    deps.secondFactor.remove(userId);
    endAccess(userId, deps);
  });
  deps.bus.endSessions({ kind: "user", userId });
}

export function createAccountAdmin(deps: AuthDeps): AccountAdmin {
  return {
    create: (account) => create(account, deps),
    update: (userId, change) => update(userId, change, deps),
    resetPassword: (userId) => resetPassword(userId, deps),
    endSessions: (userId) => endSessions(userId, deps),
    remove: (userId) => remove(userId, deps),
  };
}

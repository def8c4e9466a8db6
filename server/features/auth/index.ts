/** Accounts and sessions: the commands `auth.*`, the gate of the gateway, and the first administrator. */
import type { UserId } from "#protocol";
import type { AccountAdmin, AccountListener } from "../../core/accounts.ts";
import type { Bus } from "../../core/bus.ts";
import type { Clock } from "../../core/clock.ts";
import { DAY_MS, daily } from "../../core/daily.ts";
import type { CloudSettingsSource } from "../../core/cloud-settings.ts";
import type { EventLog } from "../../core/event-log.ts";
import type { Feature } from "../../core/feature.ts";
import type { Log } from "../../core/log.ts";
import type { IdempotencyStore, SessionGate } from "../../core/ports.ts";
import type { Db } from "../../../db/client.ts";
import { createAccountAdmin } from "./account-admin.ts";
import { type AdminState, ensureAdmin } from "./admin-account.ts";
import { createApiTokenRepo } from "./api-token-repo.ts";
import { changePassword } from "./commands/change-password.ts";
import { login } from "./commands/login.ts";
import { logout } from "./commands/logout.ts";
import { me } from "./commands/me.ts";
import { readOptions } from "./commands/read-options.ts";
import { register } from "./commands/register.ts";
import { listSessions, revokeOtherSessions, revokeSession } from "./commands/session-commands.ts";
import { setup } from "./commands/setup.ts";
import { createToken, listTokens, revokeToken } from "./commands/token-commands.ts";
import { beginTotp, confirmTotp, removeTotp, renewRecoveryCodes } from "./commands/totp-commands.ts";
import type { AuthDeps, InvitationBook } from "./deps.ts";
import { createIdempotencyStore } from "./idempotency-store.ts";
import { createLoginThrottle, type ThrottleLimits } from "./login-throttle.ts";
import { createPasswordHasher, type HasherLimits } from "./password-hasher.ts";
import { createSecondFactor } from "./second-factor.ts";
import { createSessionGate } from "./session-gate.ts";
import { createSessionRepo } from "./session-repo.ts";
import { createSettingRepo } from "./setting-repo.ts";
import { createTokenSigner } from "./token-signer.ts";
import { createUserRepo } from "./user-repo.ts";
import { createVault } from "./vault.ts";

export type { AdminState } from "./admin-account.ts";

/** A working day: long enough not to interrupt a lab, short enough for a forgotten browser in a classroom. */
const SESSION_LIFETIME_MS = 12 * 60 * 60 * 1000;

/** Until then a known client of an account is told from a stranger, and a list of sessions can show the past. */
const KEEP_EXPIRED_MS = 30 * DAY_MS;

export interface AuthOptions {
  readonly db: Db;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** At least 32 bytes. */
  readonly jwtSecret: string;
  readonly settings: CloudSettingsSource;
  readonly invitations: InvitationBook;
  readonly events: EventLog;
  /** Told of every new account, in its transaction. */
  readonly accounts: AccountListener;
  readonly sessionLifetimeMs?: number;
  readonly throttle?: ThrottleLimits;
  readonly hashing?: HasherLimits;
}

const commands = [
  ...[register, login, setup, logout, readOptions, me, changePassword],
  ...[listSessions, revokeSession, revokeOtherSessions],
  ...[beginTotp, confirmTotp, removeTotp, renewRecoveryCodes],
  ...[listTokens, createToken, revokeToken],
];

export interface AuthFeature extends Feature {
  readonly idempotency: IdempotencyStore;
  readonly gate: SessionGate;
  /** Makes or resets the administrator, or offers the set-up link. Run before the port opens. */
  ensureAdmin(password: string | null): Promise<AdminState>;
  readonly accounts: AccountAdmin;
  usernameOf(userId: UserId): string | null;
}

export function createAuthFeature(options: AuthOptions): AuthFeature {
  const { db, bus, clock, log } = options;
  const sessions = createSessionRepo(db, clock);
  const apiTokens = createApiTokenRepo(db, clock);
  const tokens = createTokenSigner(options.jwtSecret, clock);
  const deps: AuthDeps = {
    tx: db.tx,
    users: createUserRepo(db),
    sessions,
    apiTokens,
    secondFactor: createSecondFactor(db, createVault(options.jwtSecret, "second factor")),
    settings: createSettingRepo(db),
    passwords: createPasswordHasher(options.hashing),
    tokens,
    throttle: createLoginThrottle(options.throttle),
    accounts: options.accounts,
    cloud: options.settings,
    invitations: options.invitations,
    events: options.events,
    bus,
    clock,
    log,
    sessionLifetimeMs: options.sessionLifetimeMs ?? SESSION_LIFETIME_MS,
  };
  const idempotency = createIdempotencyStore(db, createVault(options.jwtSecret, "idempotency"), clock);
  const housekeeping = daily(
    options,
    "expired sessions, API tokens and idempotency keys",
    (nowMs) =>
      sessions.removeExpired(nowMs - KEEP_EXPIRED_MS) +
      apiTokens.removeExpired(nowMs - KEEP_EXPIRED_MS) +
      idempotency.removeOld(nowMs),
  );
  return {
    commands: commands.map((command) => command.bind(deps)),
    topics: [],
    idempotency,
    gate: createSessionGate(tokens, sessions, apiTokens),
    ensureAdmin: (password) => ensureAdmin(password, deps),
    accounts: createAccountAdmin(deps),
    usernameOf: (userId) => deps.users.find(userId)?.username ?? null,
    dispose: () => housekeeping.dispose(),
  };
}

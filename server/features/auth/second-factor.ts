/** The second factor of an account: codes of an authenticator app (RFC 6238) and recovery codes, each good once. */
import { and, eq, isNull, lt, or } from "drizzle-orm";
import { Secret, TOTP } from "otpauth";
import type { UserId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { recoveryCodes, users } from "../../../db/schema/index.ts";
import { isRecoveryCode, makeRecoveryCodes, recoveryCodeHash } from "./recovery-code.ts";
import type { UserRow } from "./user-repo.ts";
import type { Vault } from "./vault.ts";

const ISSUER = "Twarga Cloud";
/** What every authenticator app understands; others ignore the parameters and count by these anyway. */
const CODE_RULES = { algorithm: "SHA1", digits: 6, period: 30 } as const;
/** RFC 4226 section 4 recommends 160 bits. */
const SECRET_BYTES = 20;
/** One step before and after: clocks of phones differ, and people type slowly. */
const WINDOW_STEPS = 1;

export interface SecondFactor {
  /** A new secret, not yet in force. */
  begin(user: UserRow): { readonly secret: string; readonly otpauthUrl: string };
  /** Puts the begun secret in force. Null for a wrong code; call it in a transaction. */
  confirm(user: UserRow, code: string, nowMs: number): string[] | null;
  /** Uses up a code of the app or a recovery code. False for a wrong or used one; call it in a transaction. */
  accept(user: UserRow, code: string, nowMs: number): boolean;
  /** Replaces the recovery codes. */
  renewRecoveryCodes(userId: UserId): string[];
  remove(userId: UserId): void;
}

/** Apps show codes in two groups, and people type the space. */
const digitsOf = (code: string) => code.replaceAll(/\s/g, "");

export function createSecondFactor({ orm }: Db, vault: Vault): SecondFactor {
  const ownerOf = (userId: UserId) => `user ${userId}`;
  const totpOf = (user: UserRow, secret: string) =>
    new TOTP({ ...CODE_RULES, issuer: ISSUER, label: user.username, secret: Secret.fromBase32(secret) });

  /** The step of a right code that is newer than the last one used: a code that was overheard is worth nothing. */
  function useStep(user: UserRow, code: string, nowMs: number): boolean {
    const secret = user.totpSecret === null ? null : vault.open(user.totpSecret, ownerOf(user.id));
    if (secret === null) return false;
    const totp = totpOf(user, secret);
    const delta = totp.validate({ token: digitsOf(code), timestamp: nowMs, window: WINDOW_STEPS });
    if (delta === null) return false;
    const step = totp.counter({ timestamp: nowMs }) + delta;
    const isNewer = or(isNull(users.totpLastStep), lt(users.totpLastStep, step));
    const used = orm
      .update(users)
      .set({ totpLastStep: step })
      .where(and(eq(users.id, user.id), isNewer));
    return used.returning({ id: users.id }).get() !== undefined;
  }

  function useRecoveryCode(userId: UserId, code: string, nowMs: number): boolean {
    const mine = and(
      eq(recoveryCodes.userId, userId),
      eq(recoveryCodes.hash, recoveryCodeHash(code)),
      isNull(recoveryCodes.usedAtMs),
    );
    const used = orm.update(recoveryCodes).set({ usedAtMs: nowMs }).where(mine);
    return used.returning({ userId: recoveryCodes.userId }).get() !== undefined;
  }

  function renewRecoveryCodes(userId: UserId): string[] {
    const codes = makeRecoveryCodes();
    orm.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId)).run();
    orm
      .insert(recoveryCodes)
      .values(codes.map((code) => ({ userId, hash: recoveryCodeHash(code) })))
      .run();
    return codes;
  }

  return {
    begin(user) {
      const secret = new Secret({ size: SECRET_BYTES }).base32;
      const change = {
        totpSecret: vault.seal(secret, ownerOf(user.id)),
        totpEnabledAtMs: null,
        totpLastStep: null,
      };
      orm.update(users).set(change).where(eq(users.id, user.id)).run();
      return { secret, otpauthUrl: totpOf(user, secret).toString() };
    },
    confirm(user, code, nowMs) {
      if (!useStep(user, code, nowMs)) return null;
      orm.update(users).set({ totpEnabledAtMs: nowMs }).where(eq(users.id, user.id)).run();
      return renewRecoveryCodes(user.id);
    },
    accept: (user, code, nowMs) =>
      isRecoveryCode(code) ? useRecoveryCode(user.id, code, nowMs) : useStep(user, code, nowMs),
    renewRecoveryCodes,
    remove(userId) {
      const nothing = { totpSecret: null, totpEnabledAtMs: null, totpLastStep: null };
      orm.update(users).set(nothing).where(eq(users.id, userId)).run();
      orm.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId)).run();
    },
  };
}

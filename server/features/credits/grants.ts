/** Credits given and taken by people: the start grant of an account, and what administrators adjust. */
import { and, isNull, notInArray } from "drizzle-orm";
import { MILLI, type UserId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { creditAccounts, users } from "../../../db/schema/index.ts";
import type { CloudSettingsSource } from "../../core/cloud-settings.ts";
import { AppError } from "../../core/errors.ts";
import { chargeAll, type Charging } from "./charging.ts";
import { creditWords } from "./credit-words.ts";

export interface CreditAdjustment {
  readonly userId: UserId;
  /** Milli-credits; positive gives, negative takes. */
  readonly amount: number;
  readonly reason: string;
  readonly actor: { readonly id: UserId; readonly name: string } | null;
  /** What makes it happen once, e.g. of the request or the roster's row; a second one with it changes nothing. */
  readonly key: string;
}

export interface GrantDeps {
  readonly db: Db;
  readonly charging: Charging;
  readonly settings: CloudSettingsSource;
  touch(userId: UserId): void;
}

/** What every account begins with; a second time nothing. Call it inside a transaction. */
export function openAccount({ charging, settings, touch }: GrantDeps, userId: UserId): void {
  const { ledger, clock } = charging;
  if (ledger.hasAccount(userId)) return;
  // Also without a grant, so that a later change of the settings does not give it one.
  ledger.openAccount(userId);
  const amount = settings.get().startCredits * MILLI;
  if (amount > 0)
    ledger.append({
      userId,
      kind: "grant",
      amount,
      key: `start:${userId}`,
      reason: "Start credits",
      atMs: clock.now(),
    });
  touch(userId);
}

/** Users from before there was a ledger. */
export function openMissingAccounts(deps: GrantDeps): void {
  const known = deps.db.orm.select({ id: creditAccounts.userId }).from(creditAccounts);
  const missing = deps.db.orm
    .select({ id: users.id })
    .from(users)
    .where(and(isNull(users.deletedAtMs), notInArray(users.id, known)))
    .all();
  if (missing.length === 0) return;
  deps.db.tx(() => missing.forEach(({ id }) => openAccount(deps, id)));
}

/** The new balance. Throws `not_found`, and `insufficient_credits` for more than there is. */
export function adjust(deps: GrantDeps, { userId, amount, reason, actor, key }: CreditAdjustment): number {
  const { charging, db, touch } = deps;
  const { ledger, clock } = charging;
  return db.tx(() => {
    if (!ledger.hasAccount(userId)) throw new AppError("not_found", "No such user");
    if (ledger.find(key)) return ledger.balanceOf(userId);
    chargeAll(charging, userId);
    const balance = ledger.balanceOf(userId);
    if (balance + amount < 0) {
      const message = `${creditWords(-amount)} cannot be taken: the balance is ${creditWords(balance)}`;
      throw new AppError("insufficient_credits", message, { field: "amount" });
    }
    if (amount === 0) return balance;
    const kind = amount > 0 ? "grant" : "adjustment";
    const entry = { userId, kind, amount, key, reason, actor, atMs: clock.now() } as const;
    const after = ledger.append(entry);
    touch(userId);
    return after;
  });
}

/** The append-only ledger: entries, one per key, and what they add up to. */
import { and, desc, eq, getTableColumns, gte, lte, type SQL, sql } from "drizzle-orm";
import type { LedgerEntry, LedgerKind, UserId, VmId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { creditAccounts, ledger } from "../../../db/schema/index.ts";
import type { CreditLevel } from "./level-rules.ts";

export interface NewEntry {
  readonly userId: UserId;
  readonly kind: LedgerKind;
  /** Signed. */
  readonly amount: number;
  readonly key: string;
  readonly reason: string;
  readonly vm?: { readonly id: VmId; readonly name: string } | undefined;
  readonly actor?: { readonly id: UserId; readonly name: string } | null;
  readonly atMs: number;
}

export interface LedgerFilter {
  readonly userId: UserId;
  readonly kind?: LedgerKind | undefined;
  readonly vmId?: VmId | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

export type CreditAccount = Omit<typeof creditAccounts.$inferSelect, "userId">;

const noAccount: CreditAccount = {
  balance: 0,
  issued: 0,
  burnt: 0,
  held: 0,
  grantBalance: 0,
  told: "ok",
  emptiedAtMs: null,
};

export class Ledger {
  readonly #db: Db;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Db) {
    this.#db = db;
    this.#statements = prepare(db.orm);
  }

  /** `balance_after` of the newest entry. */
  balanceOf(userId: UserId): number {
    return this.#statements.newest.get({ userId })?.balanceAfter ?? 0;
  }

  find(key: string): typeof ledger.$inferSelect | undefined {
    return this.#statements.byKey.get({ key });
  }

  /** The balance after it. Call it in a transaction; the database refuses a key twice and a balance below zero. */
  append({ vm, actor, ...entry }: NewEntry): number {
    const balanceAfter = this.balanceOf(entry.userId) + entry.amount;
    this.#statements.insert.run({
      ...entry,
      balanceAfter,
      vmId: vm?.id ?? null,
      vmName: vm?.name ?? null,
      actorId: actor?.id ?? null,
      actorName: actor?.name ?? null,
    });
    return balanceAfter;
  }

  account(userId: UserId): CreditAccount {
    return this.#statements.account.get({ userId }) ?? noAccount;
  }

  hasAccount(userId: UserId): boolean {
    return this.#statements.account.get({ userId }) !== undefined;
  }

  openAccount(userId: UserId): void {
    this.#db.orm.insert(creditAccounts).values({ userId }).onConflictDoNothing().run();
  }

  remember(userId: UserId, told: CreditLevel, emptiedAtMs: number | null): void {
    this.#statements.remember.run({ userId, told, emptiedAtMs });
  }

  /** Newest first by time; an entry's id decides between those of one millisecond. */
  page(filter: LedgerFilter, after: { atMs: number; id: number } | null, limit: number): LedgerEntry[] {
    const { actorId: _hidden, key: _internal, ...columns } = getTableColumns(ledger);
    return this.#db.orm
      .select(columns)
      .from(ledger)
      .where(and(...conditions(filter), after ? olderThan(after) : undefined))
      .orderBy(desc(ledger.atMs), desc(ledger.id))
      .limit(limit)
      .all();
  }

  totals(): { readonly issued: number; readonly burnt: number; readonly outstanding: number } {
    const { issued, burnt } = creditAccounts;
    const row = this.#db.orm
      .select({
        issued: sql<number>`coalesce(sum(${issued}), 0)`,
        burnt: sql<number>`coalesce(sum(${burnt}), 0)`,
      })
      .from(creditAccounts)
      .get();
    const sums = row ?? { issued: 0, burnt: 0 };
    return { ...sums, outstanding: sums.issued - sums.burnt };
  }
}

function conditions({ userId, kind, vmId, fromMs, toMs }: LedgerFilter): (SQL | undefined)[] {
  return [
    eq(ledger.userId, userId),
    kind && eq(ledger.kind, kind),
    vmId && eq(ledger.vmId, vmId),
    fromMs === undefined ? undefined : gte(ledger.atMs, fromMs),
    toMs === undefined ? undefined : lte(ledger.atMs, toMs),
  ];
}

/** As one row value, which the index by time can seek. */
function olderThan({ atMs, id }: { atMs: number; id: number }): SQL {
  return sql`(${ledger.atMs}, ${ledger.id}) < (${atMs}, ${id})`;
}

function prepare(orm: Db["orm"]) {
  const { placeholder } = sql;
  const { userId: _whose, ...account } = getTableColumns(creditAccounts);
  return {
    newest: orm
      .select({ balanceAfter: ledger.balanceAfter })
      .from(ledger)
      .where(eq(ledger.userId, placeholder("userId")))
      .orderBy(desc(ledger.id))
      .limit(1)
      .prepare(),
    byKey: orm
      .select()
      .from(ledger)
      .where(eq(ledger.key, placeholder("key")))
      .prepare(),
    account: orm
      .select(account)
      .from(creditAccounts)
      .where(eq(creditAccounts.userId, placeholder("userId")))
      .prepare(),
    insert: orm
      .insert(ledger)
      .values({
        userId: placeholder("userId"),
        kind: placeholder("kind"),
        amount: placeholder("amount"),
        balanceAfter: placeholder("balanceAfter"),
        key: placeholder("key"),
        reason: placeholder("reason"),
        vmId: placeholder("vmId"),
        vmName: placeholder("vmName"),
        actorId: placeholder("actorId"),
        actorName: placeholder("actorName"),
        atMs: placeholder("atMs"),
      })
      .prepare(),
    remember: orm
      .update(creditAccounts)
      .set({
        told: sql`${placeholder("told")}`,
        emptiedAtMs: sql`${placeholder("emptiedAtMs")}`,
      })
      .where(eq(creditAccounts.userId, placeholder("userId")))
      .prepare(),
  };
}

/**
 * The ledger of credits, the meters that feed it, and one summary row per user. Triggers of the database itself keep the
 * ledger append-only and its balances right, and write the summaries: see migration `ledger_rules`.
 */
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { LedgerKind, UserId, VmId } from "#protocol";

/** Amounts are whole milli-credits, signed. No foreign keys: it outlives users and VMs. */
export const ledger = sqliteTable(
  "ledger",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    userId: integer("user_id").$type<UserId>().notNull(),
    kind: text("kind").$type<LedgerKind>().notNull(),
    amount: integer("amount").notNull(),
    /** The sum up to and with this entry: a balance is one look at the newest entry. */
    balanceAfter: integer("balance_after").notNull(),
    /** What makes it happen once, e.g. `hold:JOB`, `release:JOB`, `use:METER:CHARGED`. */
    key: text("key").notNull(),
    vmId: integer("vm_id").$type<VmId>(),
    vmName: text("vm_name"),
    reason: text("reason").notNull(),
    actorId: integer("actor_id").$type<UserId>(),
    actorName: text("actor_name"),
    atMs: integer("at_ms").notNull(),
  },
  (table) => [
    uniqueIndex("ledger_key").on(table.key),
    index("ledger_user").on(table.userId, table.id),
    // Pages are ordered by time, so that a time range is one stretch of the index.
    index("ledger_user_time").on(table.userId, table.atMs, table.id),
    index("ledger_user_kind").on(table.userId, table.kind, table.atMs, table.id),
    index("ledger_vm").on(table.vmId, table.userId, table.atMs, table.id),
  ],
);

/** What the ledger amounts to for one user; the sums are written by a trigger on the ledger and by nothing else. */
export const creditAccounts = sqliteTable("credit_accounts", {
  userId: integer("user_id").$type<UserId>().primaryKey(),
  balance: integer("balance").notNull().default(0),
  /** Grants and adjustments. */
  issued: integer("issued").notNull().default(0),
  /** Charges, as a positive number: `issued - burnt = balance + held`. */
  burnt: integer("burnt").notNull().default(0),
  held: integer("held").notNull().default(0),
  /** Balance and held right after the newest grant: what "20 % left" is 20 % of. */
  grantBalance: integer("grant_balance").notNull().default(0),
  /** The most urgent warning given and not yet overtaken by better times. */
  told: text("told", { enum: ["ok", "low", "critical", "empty"] })
    .notNull()
    .default("ok"),
  emptiedAtMs: integer("emptied_at_ms"),
});

/** One stretch of a VM at one price; it is open while `endedAtMs` is null. */
export const meters = sqliteTable(
  "meters",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    userId: integer("user_id").$type<UserId>().notNull(),
    vmId: integer("vm_id").$type<VmId>().notNull(),
    vmName: text("vm_name").notNull(),
    /** What the price is for. */
    usage: text("usage", { enum: ["full", "disk"] })
      .notNull()
      .default("full"),
    /** Milli-credits an hour. */
    price: integer("price").notNull(),
    startedAtMs: integer("started_at_ms").notNull(),
    /** Time used so far, without the server's own downtime. */
    usedMs: integer("used_ms").notNull().default(0),
    /** The fraction of a milli-credit the meter before left over, in milli-credits times milliseconds an hour. */
    carry: integer("carry").notNull().default(0),
    /** Monotonic time of this server's process up to which `usedMs` counts; set anew at every start. */
    markMs: integer("mark_ms").notNull().default(0),
    /** Milli-credits settled so far: written to the ledger, or written off for want of balance. */
    charged: integer("charged").notNull().default(0),
    writtenOff: integer("written_off").notNull().default(0),
    endedAtMs: integer("ended_at_ms"),
  },
  (table) => [
    index("meters_vm").on(table.vmId, table.endedAtMs),
    index("meters_open").on(table.endedAtMs, table.userId),
  ],
);

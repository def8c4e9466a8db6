/** The ledger of credits and the meters that feed it. Nothing here is ever changed or removed but the open end of a meter. */
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
    index("ledger_vm").on(table.vmId, table.id),
  ],
);

/** One stretch of a VM at one price. */
export const meters = sqliteTable(
  "meters",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    userId: integer("user_id").$type<UserId>().notNull(),
    vmId: integer("vm_id").$type<VmId>().notNull(),
    vmName: text("vm_name").notNull(),
    /** Milli-credits an hour. */
    price: integer("price").notNull(),
    startedAtMs: integer("started_at_ms").notNull(),
    /** Time used so far, without the server's own downtime. */
    usedMs: integer("used_ms").notNull().default(0),
    /** Milli-credits written to the ledger so far. */
    charged: integer("charged").notNull().default(0),
    endedAtMs: integer("ended_at_ms"),
  },
  (table) => [index("meters_vm").on(table.vmId, table.endedAtMs), index("meters_open").on(table.endedAtMs)],
);

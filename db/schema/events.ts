/** Events and the audit log. No foreign keys: evidence outlives what it is about. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { EventType, Severity, UserId, VmId } from "#protocol";

export const events = sqliteTable(
  "events",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    atMs: integer("at_ms").notNull(),
    type: text("type").$type<EventType>().notNull(),
    severity: text("severity").$type<Severity>().notNull(),
    name: text("name").notNull(),
    message: text("message").notNull(),
    ownerId: integer("owner_id").$type<UserId>(),
    actorId: integer("actor_id").$type<UserId>(),
    actorName: text("actor_name"),
    vmId: integer("vm_id").$type<VmId>(),
    targetName: text("target_name"),
    remoteAddress: text("remote_address"),
    /** Anything more, as JSON. */
    details: text("details"),
  },
  (table) => [
    index("events_owner").on(table.ownerId, table.id),
    index("events_vm").on(table.vmId, table.id),
    index("events_time").on(table.atMs),
  ],
);

export const auditLog = sqliteTable(
  "audit_log",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    atMs: integer("at_ms").notNull(),
    actorId: integer("actor_id").$type<UserId>().notNull(),
    actorName: text("actor_name").notNull(),
    action: text("action").notNull(),
    targetId: integer("target_id"),
    targetName: text("target_name"),
    input: text("input").notNull(),
    outcome: text("outcome").notNull(),
    remoteAddress: text("remote_address").notNull(),
  },
  (table) => [index("audit_log_actor").on(table.actorId, table.id), index("audit_log_time").on(table.atMs)],
);

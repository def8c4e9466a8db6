/** VMs: intent and last known fact. A destroyed VM keeps its row, because jobs, events and charges refer to it. */
import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { JobId, UserId, VmId } from "#protocol";
import { users } from "./auth.ts";

export const vms = sqliteTable(
  "vms",
  {
    id: integer("id").$type<VmId>().primaryKey({ autoIncrement: true }),
    ownerId: integer("owner_id")
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    name: text("name").notNull(),
    image: text("image").notNull(),
    ramMb: integer("ram_mb").notNull(),
    cpuCores: integer("cpu_cores").notNull(),
    diskGb: integer("disk_gb").notNull(),
    driver: text("driver", { enum: ["vagrant", "simulated"] }).notNull(),
    state: text("state", {
      enum: [
        "pending",
        "starting",
        "running",
        "stopping",
        "stopped",
        "restarting",
        "destroying",
        "failed",
        "unknown",
      ],
    }).notNull(),
    ip: text("ip"),
    errorMessage: text("error_message"),
    errorDetail: text("error_detail"),
    activeJobId: integer("active_job_id").$type<JobId>(),
    createdAtMs: integer("created_at_ms").notNull(),
    startedAtMs: integer("started_at_ms"),
    destroyedAtMs: integer("destroyed_at_ms"),
  },
  (table) => [
    uniqueIndex("vms_owner_name")
      .on(table.ownerId, table.name)
      .where(sql`destroyed_at_ms is null`),
    index("vms_owner").on(table.ownerId),
  ],
);

/** VMs: intent and last known fact. A destroyed VM keeps its row, because jobs, events and charges refer to it. */
import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { DriverName, JobId, SnapshotId, UserId, VmId, VmSchedule, VmState } from "#protocol";
import { users } from "./auth.ts";

export const vms = sqliteTable(
  "vms",
  {
    id: integer("id").$type<VmId>().primaryKey({ autoIncrement: true }),
    ownerId: integer("owner_id")
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    /** The first owner of a VM that was handed over: folder and domain keep that id. Null: the owner is the first. */
    homeOwnerId: integer("home_owner_id").$type<UserId>(),
    name: text("name").notNull(),
    label: text("label").notNull().default(""),
    notes: text("notes").notNull().default(""),
    tags: text("tags", { mode: "json" }).$type<string[]>().notNull().default([]),
    image: text("image").notNull(),
    ramMb: integer("ram_mb").notNull(),
    cpuCores: integer("cpu_cores").notNull(),
    diskGb: integer("disk_gb").notNull(),
    driver: text("driver").$type<DriverName>().notNull(),
    state: text("state").$type<VmState>().notNull(),
    ip: text("ip"),
    errorMessage: text("error_message"),
    errorDetail: text("error_detail"),
    activeJobId: integer("active_job_id").$type<JobId>(),
    leaseEndsAtMs: integer("lease_ends_at_ms"),
    /** The newest warning given for this end, so that none comes twice: hours before it. */
    leaseWarnedHours: integer("lease_warned_hours"),
    schedule: text("schedule", { mode: "json" }).$type<VmSchedule>(),
    /** Up to then the schedule was acted on. */
    scheduleDoneMs: integer("schedule_done_ms"),
    startupScript: text("startup_script").notNull().default(""),
    startupOutput: text("startup_output").notNull().default(""),
    startupExitCode: integer("startup_exit_code"),
    startupRanAtMs: integer("startup_ran_at_ms"),
    createdAtMs: integer("created_at_ms").notNull(),
    startedAtMs: integer("started_at_ms"),
    destroyedAtMs: integer("destroyed_at_ms"),
  },
  (table) => [
    uniqueIndex("vms_owner_name")
      .on(table.ownerId, table.name)
      .where(sql`destroyed_at_ms is null`),
    index("vms_owner").on(table.ownerId),
    index("vms_lease")
      .on(table.leaseEndsAtMs)
      .where(sql`destroyed_at_ms is null`),
  ],
);

/** Snapshots; gone ones are deleted, since the jobs that made and removed them keep the memory. */
export const snapshots = sqliteTable(
  "snapshots",
  {
    id: integer("id").$type<SnapshotId>().primaryKey({ autoIncrement: true }),
    vmId: integer("vm_id")
      .$type<VmId>()
      .notNull()
      .references(() => vms.id),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    state: text("state", { enum: ["creating", "ready", "restoring", "deleting", "failed"] }).notNull(),
    sizeBytes: integer("size_bytes"),
    createdAtMs: integer("created_at_ms").notNull(),
  },
  (table) => [uniqueIndex("snapshots_vm_name").on(table.vmId, table.name)],
);

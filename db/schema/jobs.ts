/** Long work and its output; written before the work starts. */
import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { JobId, UserId, VmId } from "#protocol";

export const jobs = sqliteTable(
  "jobs",
  {
    id: integer("id").$type<JobId>().primaryKey({ autoIncrement: true }),
    kind: text("kind", { enum: ["vm.create", "vm.start", "vm.stop", "vm.restart", "vm.destroy"] }).notNull(),
    state: text("state", { enum: ["queued", "running", "succeeded", "failed", "cancelled"] }).notNull(),
    // No foreign keys: a job outlives its VM and its owner.
    ownerId: integer("owner_id").$type<UserId>().notNull(),
    vmId: integer("vm_id").$type<VmId>().notNull(),
    vmName: text("vm_name").notNull(),
    step: text("step"),
    progress: real("progress").notNull().default(0),
    errorCode: text("error_code"),
    errorMessage: text("error_message"),
    errorDetail: text("error_detail"),
    createdAtMs: integer("created_at_ms").notNull(),
    startedAtMs: integer("started_at_ms"),
    endedAtMs: integer("ended_at_ms"),
  },
  (table) => [
    index("jobs_owner").on(table.ownerId, table.id),
    index("jobs_vm").on(table.vmId, table.id),
    index("jobs_state").on(table.state),
  ],
);

export const jobLines = sqliteTable(
  "job_lines",
  {
    jobId: integer("job_id").$type<JobId>().notNull(),
    n: integer("n").notNull(),
    atMs: integer("at_ms").notNull(),
    stream: text("stream", { enum: ["info", "error", "step"] }).notNull(),
    text: text("text").notNull(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.n] })],
);

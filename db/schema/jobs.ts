/** Long work and its output; written before the work starts. */
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { JobId, JobKind, UserId, VmId } from "#protocol";

export const jobs = sqliteTable(
  "jobs",
  {
    id: integer("id").$type<JobId>().primaryKey({ autoIncrement: true }),
    kind: text("kind").$type<JobKind>().notNull(),
    state: text("state", { enum: ["queued", "running", "succeeded", "failed", "cancelled"] }).notNull(),
    // No foreign keys: a job outlives its VM and its owner.
    ownerId: integer("owner_id").$type<UserId>().notNull(),
    /** Null when the server itself asked, e.g. by a schedule. */
    actorId: integer("actor_id").$type<UserId>(),
    actorName: text("actor_name"),
    vmId: integer("vm_id").$type<VmId>(),
    imageId: text("image_id"),
    targetName: text("vm_name").notNull(),
    /** What was asked for, as JSON, so that it can be asked for again. */
    request: text("request"),
    /** The Idempotency-Key of the request that made it: after a crash it finds its job again. */
    requestKey: text("request_key"),
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
    uniqueIndex("jobs_request_key")
      .on(table.actorId, table.requestKey)
      .where(sql`request_key is not null`),
  ],
);

/** The programs a job ran, in order. */
export const jobPrograms = sqliteTable(
  "job_programs",
  {
    jobId: integer("job_id").$type<JobId>().notNull(),
    n: integer("n").notNull(),
    commandLine: text("command_line").notNull(),
    startedAtMs: integer("started_at_ms").notNull(),
    endedAtMs: integer("ended_at_ms"),
    exitCode: integer("exit_code"),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.n] })],
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

/** Rows of jobs and of their output. */
import { and, asc, desc, eq, gt, inArray, lte, max, sql } from "drizzle-orm";
import type { JobId, JobLine, JobState, JobView, UserId, VmId } from "#protocol";
import { limits } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { jobLines, jobs } from "../../../db/schema/index.ts";
import type { JobOutcome, JobRequest } from "../../core/jobs.ts";
import { endState, isCancellable } from "./job-rules.ts";

export interface JobFilter {
  readonly ownerId: UserId | null;
  readonly vmId?: VmId | undefined;
  readonly state?: JobState | undefined;
  readonly limit: number;
}

export type JobRepo = ReturnType<typeof createJobRepo>;

type JobRow = typeof jobs.$inferSelect;

function toView(row: JobRow): JobView {
  const { errorCode, errorMessage, errorDetail, ...rest } = row;
  const error =
    errorCode === null ? null : { code: errorCode, message: errorMessage ?? "", detail: errorDetail ?? "" };
  return { ...rest, error, cancellable: isCancellable(row.kind, row.state) };
}

const active: JobState[] = ["queued", "running"];

export function createJobRepo({ orm }: Db) {
  const byId = orm
    .select()
    .from(jobs)
    .where(eq(jobs.id, sql.placeholder("jobId")))
    .prepare();
  const linesOf = orm
    .select({ n: jobLines.n, atMs: jobLines.atMs, stream: jobLines.stream, text: jobLines.text })
    .from(jobLines)
    .where(and(eq(jobLines.jobId, sql.placeholder("jobId")), gt(jobLines.n, sql.placeholder("after"))))
    .orderBy(asc(jobLines.n))
    .prepare();
  const insertLine = orm
    .insert(jobLines)
    .values({
      jobId: sql.placeholder("jobId"),
      n: sql.placeholder("n"),
      atMs: sql.placeholder("atMs"),
      stream: sql.placeholder("stream"),
      text: sql.placeholder("text"),
    })
    .prepare();

  function lastLineOf(jobId: JobId): number {
    const row = orm
      .select({ n: max(jobLines.n) })
      .from(jobLines)
      .where(eq(jobLines.jobId, jobId))
      .get();
    return row?.n ?? 0;
  }

  return {
    find(jobId: JobId): JobView | undefined {
      const row = byId.get({ jobId });
      return row && toView(row);
    },
    insert(request: JobRequest, nowMs: number): JobView {
      const row = orm
        .insert(jobs)
        .values({ ...request, state: "queued", createdAtMs: nowMs })
        .returning()
        .get();
      return toView(row);
    },
    /** Keeps the first start of a job that is resumed after a crash. */
    markRunning(jobId: JobId, nowMs: number): void {
      orm
        .update(jobs)
        .set({ state: "running", startedAtMs: sql`coalesce(${jobs.startedAtMs}, ${nowMs})` })
        .where(eq(jobs.id, jobId))
        .run();
    },
    saveStep({ id, step, progress }: JobView): void {
      orm.update(jobs).set({ step, progress }).where(eq(jobs.id, id)).run();
    },
    end(jobId: JobId, outcome: JobOutcome<unknown>, nowMs: number): void {
      const error = outcome.ok ? null : outcome.error;
      orm
        .update(jobs)
        .set({
          state: endState(outcome),
          endedAtMs: nowMs,
          ...(outcome.ok && { progress: 1 }),
          errorCode: error?.code ?? null,
          errorMessage: error?.message ?? null,
          errorDetail: error?.detail ?? null,
        })
        .where(eq(jobs.id, jobId))
        .run();
    },
    /** Newest first. */
    list({ ownerId, vmId, state, limit }: JobFilter): JobView[] {
      const wanted = and(
        ownerId === null ? undefined : eq(jobs.ownerId, ownerId),
        vmId === undefined ? undefined : eq(jobs.vmId, vmId),
        state === undefined ? undefined : eq(jobs.state, state),
      );
      return orm.select().from(jobs).where(wanted).orderBy(desc(jobs.id)).limit(limit).all().map(toView);
    },
    /** Oldest first. */
    unfinished(ownerId: UserId | null = null): JobView[] {
      const mine = ownerId === null ? undefined : eq(jobs.ownerId, ownerId);
      const wanted = and(inArray(jobs.state, active), mine);
      return orm.select().from(jobs).where(wanted).orderBy(asc(jobs.id)).all().map(toView);
    },
    lastLineOf,
    lines: (jobId: JobId, after = 0): JobLine[] => linesOf.all({ jobId, after }),
    /** Appends lines and drops the oldest over the limit. */
    appendLines(jobId: JobId, lines: readonly JobLine[], lastN: number): void {
      for (const line of lines) insertLine.run({ jobId, ...line });
      const lastDropped = lastN - limits.jobOutputLines;
      if (lines.length === 0 || lastDropped <= 0) return;
      orm
        .delete(jobLines)
        .where(and(eq(jobLines.jobId, jobId), lte(jobLines.n, lastDropped)))
        .run();
    },
  };
}

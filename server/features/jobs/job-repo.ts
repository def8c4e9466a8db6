/** Rows of jobs and of their output. */
import { and, asc, desc, eq, getTableColumns, gt, inArray, lt, lte, max, sql } from "drizzle-orm";
import type { JobId, JobKind, JobLine, JobProgram, JobState, JobView, UserId, VmId } from "#protocol";
import { limits } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { jobLines, jobPrograms, jobs, users } from "../../../db/schema/index.ts";
import { AppError } from "../../core/errors.ts";
import type { JobOutcome, JobRequest } from "../../core/jobs.ts";
import { endState, isCancellable, isRetryable } from "./job-rules.ts";

export interface JobFilter {
  readonly ownerId: UserId | null;
  readonly vmId?: VmId | undefined;
  readonly state?: JobState | undefined;
  readonly kind?: JobKind | undefined;
  /** Only older ones. */
  readonly before?: JobId | undefined;
  readonly limit: number;
}

const active: JobState[] = ["queued", "running"];

export class JobRepo {
  readonly #orm: Db["orm"];
  readonly #statements: ReturnType<typeof prepare>;

  constructor({ orm }: Db) {
    this.#orm = orm;
    this.#statements = prepare(orm);
  }

  find(jobId: JobId): JobView | undefined {
    const row = this.#statements.byId.get({ jobId });
    return row && toView(row);
  }

  insert(request: JobRequest, nowMs: number): JobView {
    const { actor, request: asked, ...rest } = request;
    const values = {
      ...rest,
      actorId: actor?.id ?? null,
      actorName: actor?.name ?? null,
      request: asked === undefined ? null : JSON.stringify(asked),
      state: "queued" as const,
      createdAtMs: nowMs,
    };
    const { id } = this.#orm.insert(jobs).values(values).returning({ id: jobs.id }).get();
    const job = this.find(id);
    if (!job) throw new AppError("internal", "The job was not stored");
    return job;
  }

  /** Keeps the first start of a job that is resumed after a crash. */
  markRunning(jobId: JobId, nowMs: number): void {
    const startedAtMs = sql`coalesce(${jobs.startedAtMs}, ${nowMs})`;
    this.#orm.update(jobs).set({ state: "running", startedAtMs }).where(eq(jobs.id, jobId)).run();
  }

  saveStep({ id, step, progress }: JobView): void {
    this.#orm.update(jobs).set({ step, progress }).where(eq(jobs.id, id)).run();
  }

  end(jobId: JobId, outcome: JobOutcome<unknown>, nowMs: number): void {
    const error = outcome.ok ? null : outcome.error;
    const change = {
      state: endState(outcome),
      endedAtMs: nowMs,
      ...(outcome.ok && { progress: 1 }),
      errorCode: error?.code ?? null,
      errorMessage: error?.message ?? null,
      errorDetail: error?.detail ?? null,
    };
    this.#orm.update(jobs).set(change).where(eq(jobs.id, jobId)).run();
  }

  /** Newest first. */
  list({ ownerId, vmId, state, kind, before, limit }: JobFilter): JobView[] {
    const wanted = and(
      ownerId === null ? undefined : eq(jobs.ownerId, ownerId),
      vmId === undefined ? undefined : eq(jobs.vmId, vmId),
      state === undefined ? undefined : eq(jobs.state, state),
      kind === undefined ? undefined : eq(jobs.kind, kind),
      before === undefined ? undefined : lt(jobs.id, before),
    );
    const rows = selectJobs(this.#orm).where(wanted).orderBy(desc(jobs.id)).limit(limit).all();
    return rows.map(toView);
  }

  /** Oldest first. */
  unfinished(ownerId: UserId | null = null): JobView[] {
    const mine = ownerId === null ? undefined : eq(jobs.ownerId, ownerId);
    const wanted = and(inArray(jobs.state, active), mine);
    return selectJobs(this.#orm).where(wanted).orderBy(asc(jobs.id)).all().map(toView);
  }

  lastLineOf(jobId: JobId): number {
    const last = this.#orm.select({ n: max(jobLines.n) }).from(jobLines);
    return last.where(eq(jobLines.jobId, jobId)).get()?.n ?? 0;
  }

  lines(jobId: JobId, after = 0): JobLine[] {
    return this.#statements.linesOf.all({ jobId, after });
  }

  /** The begin or the end of a program. */
  appendProgram(jobId: JobId, program: JobProgram): void {
    const { endedAtMs, exitCode } = program;
    this.#orm
      .insert(jobPrograms)
      .values({ jobId, ...program })
      .onConflictDoUpdate({ target: [jobPrograms.jobId, jobPrograms.n], set: { endedAtMs, exitCode } })
      .run();
  }

  programs(jobId: JobId): JobProgram[] {
    const { jobId: _, ...columns } = getTableColumns(jobPrograms);
    return this.#orm
      .select(columns)
      .from(jobPrograms)
      .where(eq(jobPrograms.jobId, jobId))
      .orderBy(asc(jobPrograms.n))
      .all();
  }

  findByRequestKey(actorId: UserId, requestKey: string): JobView | undefined {
    const wanted = and(eq(jobs.actorId, actorId), eq(jobs.requestKey, requestKey));
    const row = selectJobs(this.#orm).where(wanted).get();
    return row && toView(row);
  }

  requestOf(jobId: JobId): unknown {
    const row = this.#orm.select({ request: jobs.request }).from(jobs).where(eq(jobs.id, jobId)).get();
    return row?.request ? JSON.parse(row.request) : null;
  }

  /** Appends lines and drops the oldest over the limit. */
  appendLines(jobId: JobId, lines: readonly JobLine[], lastN: number): void {
    for (const line of lines) this.#statements.insertLine.run({ jobId, ...line });
    const lastDropped = lastN - limits.jobOutputLines;
    if (lines.length === 0 || lastDropped <= 0) return;
    const tooOld = and(eq(jobLines.jobId, jobId), lte(jobLines.n, lastDropped));
    this.#orm.delete(jobLines).where(tooOld).run();
  }
}

type JobRow = typeof jobs.$inferSelect & { readonly ownerName: string };

/** With the name of whose it is; a job outlives its owner. */
function selectJobs(orm: Db["orm"]) {
  const ownerName = sql<string>`coalesce(${users.username}, 'user ' || ${jobs.ownerId})`;
  return orm
    .select({ ...getTableColumns(jobs), ownerName })
    .from(jobs)
    .leftJoin(users, eq(users.id, jobs.ownerId));
}

function toView(row: JobRow): JobView {
  const { errorCode, errorMessage, errorDetail, actorId: _, request, requestKey: _key, ...rest } = row;
  const error =
    errorCode === null ? null : { code: errorCode, message: errorMessage ?? "", detail: errorDetail ?? "" };
  const retryable = request !== null && isRetryable(row.state);
  return { ...rest, error, retryable, cancellable: isCancellable(row.kind, row.state) };
}

/** What runs for every read of a job and for every line of output. */
function prepare(orm: Db["orm"]) {
  const { placeholder } = sql;
  const line = { n: jobLines.n, atMs: jobLines.atMs, stream: jobLines.stream, text: jobLines.text };
  return {
    byId: selectJobs(orm)
      .where(eq(jobs.id, placeholder("jobId")))
      .prepare(),
    linesOf: orm
      .select(line)
      .from(jobLines)
      .where(and(eq(jobLines.jobId, placeholder("jobId")), gt(jobLines.n, placeholder("after"))))
      .orderBy(asc(jobLines.n))
      .prepare(),
    insertLine: orm
      .insert(jobLines)
      .values({
        jobId: placeholder("jobId"),
        n: placeholder("n"),
        atMs: placeholder("atMs"),
        stream: placeholder("stream"),
        text: placeholder("text"),
      })
      .prepare(),
  };
}

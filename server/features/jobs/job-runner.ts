/** Runs background work: the only place that catches it, ends it in one transaction, and stops it at the deadline. */
import type { JobId, UserId } from "#protocol";
import { AppError } from "../../core/errors.ts";
import type { Disposable } from "../../core/disposable.ts";
import type { JobOutcome, JobPlan, JobRequest, JobRunner } from "../../core/jobs.ts";
import type { JobDeps } from "./deps.ts";
import type { JobFeed } from "./job-feed.ts";
import type { JobRepo } from "./job-repo.ts";
import { CLEANUP_MS, deadlineMs, failureOf } from "./job-rules.ts";
import { createRun } from "./job-run.ts";
import { LiveJob } from "./live-job.ts";

/** How long the end of the server waits for aborted work; what is not done by then is settled by the next start. */
const STOP_GRACE_MS = 6_000;
/** After an abort the work may clean up this long; then its VM is freed although the driver hangs. */
const OVERDUE_MS = CLEANUP_MS + 60_000;
/** Pause before a failed write of an end is tried again. */
const RETRY_MS = 1_000;

interface Parts {
  readonly deps: JobDeps;
  readonly repo: JobRepo;
  readonly live: Map<JobId, LiveJob>;
  readonly feed: JobFeed;
}

export class BackgroundJobs implements JobRunner, Disposable {
  readonly #deps: JobDeps;
  readonly #repo: JobRepo;
  readonly #live: Map<JobId, LiveJob>;
  readonly #feed: JobFeed;
  readonly #running = new Map<JobId, Promise<unknown>>();
  /** Aborted last: stops even clean-ups. */
  readonly #stopping = new AbortController();

  constructor({ deps, repo, live, feed }: Parts) {
    this.#deps = deps;
    this.#repo = repo;
    this.#live = live;
    this.#feed = feed;
  }

  create(request: JobRequest) {
    return this.#repo.insert(request, this.#deps.clock.now());
  }

  run<T>(jobId: JobId, plan: JobPlan<T>): Promise<JobOutcome<T> | null> {
    if (this.#stopping.signal.aborted || this.#running.has(jobId)) return Promise.resolve(null);
    const done = this.#work(this.#begin(jobId), plan);
    this.#running.set(jobId, done);
    return done;
  }

  close(jobId: JobId, outcome: JobOutcome<unknown>, settle?: () => void): void {
    this.#deps.db.tx(() => {
      this.#repo.end(jobId, outcome, this.#deps.clock.now());
      settle?.();
    });
    this.#publishState(jobId);
  }

  async abort(jobId: JobId, message: string): Promise<void> {
    this.requestCancel(jobId, message);
    await this.#running.get(jobId);
  }

  findByRequestKey(actorId: UserId, requestKey: string) {
    return this.#repo.findByRequestKey(actorId, requestKey);
  }

  requestOf(jobId: JobId): unknown {
    return this.#repo.requestOf(jobId);
  }

  unfinished() {
    return this.#repo.unfinished();
  }

  /** Asks a running job to end; false when nobody works on it. */
  requestCancel(jobId: JobId, message: string): boolean {
    const job = this.#live.get(jobId);
    job?.abort(new AppError("cancelled", message));
    if (job) this.#feed.publish(job);
    return job !== undefined;
  }

  async dispose(): Promise<void> {
    const reason = new AppError("unavailable", "The server stops");
    this.#stopping.abort(reason);
    for (const job of this.#live.values()) job.abort(reason);
    const grace = Promise.withResolvers<void>();
    const timer = this.#deps.clock.after(STOP_GRACE_MS, () => grace.resolve());
    await Promise.race([Promise.allSettled(this.#running.values()), grace.promise]);
    void timer.dispose();
    this.#feed.storeAll();
  }

  #begin(jobId: JobId): LiveJob {
    const { clock, log } = this.#deps;
    try {
      this.#repo.markRunning(jobId, clock.now());
    } catch (error) {
      // The work was promised: a disk that is full right now must not leave it undone.
      log.error({ err: error, jobId }, "The start of a job could not be written");
    }
    const view = this.#repo.find(jobId);
    if (!view) throw new AppError("internal", "A job was started that does not exist");
    const job = new LiveJob(
      view,
      this.#repo.lastLineOf(jobId),
      () => clock.now(),
      this.#repo.programs(jobId).length,
    );
    this.#live.set(jobId, job);
    this.#feed.wake();
    this.#feed.publishState(job.view);
    return job;
  }

  async #work<T>(job: LiveJob, plan: JobPlan<T>): Promise<JobOutcome<T> | null> {
    const outcome = await this.#attempt(job, plan);
    // Work cut by the end of the server has no end of its own: the next start looks at the facts.
    const isCut = this.#stopping.signal.aborted && !outcome.ok;
    const isEnded = !isCut && (await this.#writeEnd(job, plan, outcome));
    if (isEnded) this.#announceEnd(job, plan, outcome);
    this.#running.delete(job.id);
    return isEnded ? outcome : null;
  }

  async #attempt<T>(job: LiveJob, plan: JobPlan<T>): Promise<JobOutcome<T>> {
    const { clock, log } = this.#deps;
    const { id: jobId, kind, vmId } = job.view;
    const timers: Disposable[] = [];
    const late = new AppError("timeout", "It took longer than allowed and was stopped");
    timers.push(clock.after(deadlineMs[kind], () => job.abort(late)));
    const overdue = new Promise<never>((_, reject) => {
      const giveUp = () => reject(new AppError("timeout", "The work did not react to being stopped"));
      job.signal.addEventListener("abort", () => timers.push(clock.after(OVERDUE_MS, giveUp)));
    });
    try {
      const run = createRun({ job, clock, stopping: this.#stopping.signal, timers });
      return { ok: true, value: await Promise.race([plan.work(run), overdue]) };
    } catch (error) {
      // A cancel is somebody's wish, not a fault to be woken for.
      const level = job.signal.aborted ? "info" : "warn";
      log[level]({ err: error, jobId, kind, vmId }, "Job did not reach its end");
      return failureOf(error, job.signal);
    } finally {
      for (const timer of timers) void timer.dispose();
    }
  }

  /** Tries until it is written; false when the server stops first. */
  async #writeEnd<T>(job: LiveJob, plan: JobPlan<T>, outcome: JobOutcome<T>): Promise<boolean> {
    const { db, clock, log } = this.#deps;
    for (;;) {
      try {
        const stored = db.tx(() => {
          const part = this.#feed.storeInTransaction(job);
          this.#repo.end(job.id, outcome, clock.now());
          plan.settle(outcome);
          return part;
        });
        stored.markStored();
        return true;
      } catch (error) {
        log.error({ err: error, jobId: job.id }, "The end of a job could not be written; trying again");
        await new Promise<void>((resolve) => void clock.after(RETRY_MS, resolve));
        if (this.#stopping.signal.aborted) return false;
      }
    }
  }

  #announceEnd<T>(job: LiveJob, plan: JobPlan<T>, outcome: JobOutcome<T>): void {
    this.#feed.publish(job);
    this.#live.delete(job.id);
    try {
      plan.ended?.(outcome);
    } catch (error) {
      this.#deps.log.error({ err: error, jobId: job.id }, "A listener for the end of a job failed");
    }
    this.#publishState(job.id);
  }

  #publishState(jobId: JobId): void {
    const view = this.#repo.find(jobId);
    if (view) this.#feed.publishState(view);
  }
}

/** Runs background work: the only place that catches it, ends it in one transaction, and stops it at the deadline. */
import type { JobId } from "#protocol";
import { AppError } from "../../core/errors.ts";
import type { Disposable } from "../../core/disposable.ts";
import type { JobOutcome, JobPlan, JobRun, JobRunner } from "../../core/jobs.ts";
import type { JobDeps } from "./deps.ts";
import type { JobFeed } from "./job-feed.ts";
import type { JobRepo } from "./job-repo.ts";
import { CLEANUP_MS, deadlineMs, failureOf } from "./job-rules.ts";
import { LiveJob } from "./live-job.ts";

/** How long the end of the server waits for aborted work; what is not done by then is settled by the next start. */
const STOP_GRACE_MS = 6_000;
/** After an abort the work may clean up this long; then its VM is freed although the driver hangs. */
const OVERDUE_MS = CLEANUP_MS + 60_000;
/** Pause before a failed write of an end is tried again. */
const RETRY_MS = 1_000;

export interface JobRunnerParts extends Disposable {
  readonly runner: JobRunner;
  requestCancel(jobId: JobId, message: string): boolean;
}

export function createJobRunner(
  deps: JobDeps,
  repo: JobRepo,
  live: Map<JobId, LiveJob>,
  feed: JobFeed,
): JobRunnerParts {
  const { db, clock, log } = deps;
  const running = new Map<JobId, Promise<unknown>>();
  /** Aborted last: stops even clean-ups. */
  const stopping = new AbortController();

  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => void clock.after(ms, resolve));
  }

  function begin(jobId: JobId): LiveJob {
    try {
      repo.markRunning(jobId, clock.now());
    } catch (error) {
      // The work was promised: a disk that is full right now must not leave it undone.
      log.error({ err: error, jobId }, "The start of a job could not be written");
    }
    const view = repo.find(jobId);
    if (!view) throw new AppError("internal", "A job was started that does not exist");
    const job = new LiveJob(view, repo.lastLineOf(jobId), () => clock.now());
    live.set(jobId, job);
    feed.wake();
    feed.publishState(job.view);
    return job;
  }

  async function attempt<T>(job: LiveJob, plan: JobPlan<T>): Promise<JobOutcome<T>> {
    const deadline = clock.after(deadlineMs[job.view.kind], () =>
      job.abort(new AppError("timeout", "It took longer than allowed and was stopped")),
    );
    const cleanups: Disposable[] = [];
    const overdue = new Promise<never>((_, reject) => {
      const giveUp = () => reject(new AppError("timeout", "The work did not react to being stopped"));
      job.signal.addEventListener("abort", () => cleanups.push(clock.after(OVERDUE_MS, giveUp)));
    });
    try {
      return { ok: true, value: await Promise.race([plan.work(runOf(job, cleanups)), overdue]) };
    } catch (error) {
      log.warn({ err: error, jobId: job.id, kind: job.view.kind, vmId: job.view.vmId }, "Job failed");
      return failureOf(error, job.signal);
    } finally {
      for (const timer of [deadline, ...cleanups]) void timer.dispose();
    }
  }

  function runOf(job: LiveJob, cleanups: Disposable[]): JobRun {
    const reports = {
      output: (stream: "info" | "error", text: string) => job.write(stream, text),
      step: (text: string, progress: number) => job.step(text, progress),
    };
    const run: JobRun = {
      ...reports,
      signal: job.signal,
      forCleanup() {
        const controller = new AbortController();
        const reason = new AppError("timeout", "Cleaning up took too long");
        cleanups.push(clock.after(CLEANUP_MS, () => controller.abort(reason)));
        const signal = AbortSignal.any([controller.signal, stopping.signal]);
        return { ...reports, signal, forCleanup: run.forCleanup };
      },
    };
    return run;
  }

  function writeEnd<T>(job: LiveJob, plan: JobPlan<T>, outcome: JobOutcome<T>): void {
    const stored = db.tx(() => {
      const part = feed.storeInTransaction(job);
      repo.end(job.id, outcome, clock.now());
      plan.settle(outcome);
      return part;
    });
    stored.markStored();
  }

  async function finish<T>(job: LiveJob, plan: JobPlan<T>, outcome: JobOutcome<T>): Promise<boolean> {
    for (;;) {
      try {
        writeEnd(job, plan, outcome);
        break;
      } catch (error) {
        log.error({ err: error, jobId: job.id }, "The end of a job could not be written; trying again");
        await wait(RETRY_MS);
        if (stopping.signal.aborted) return false;
      }
    }
    feed.publish(job);
    live.delete(job.id);
    try {
      plan.ended?.(outcome);
    } catch (error) {
      log.error({ err: error, jobId: job.id }, "A listener for the end of a job failed");
    }
    const view = repo.find(job.id);
    if (view) feed.publishState(view);
    return true;
  }

  async function work<T>(job: LiveJob, plan: JobPlan<T>): Promise<JobOutcome<T> | null> {
    const outcome = await attempt(job, plan);
    // Work cut by the end of the server has no end of its own: the next start looks at the facts.
    const isCut = stopping.signal.aborted && !outcome.ok;
    const isEnded = !isCut && (await finish(job, plan, outcome));
    running.delete(job.id);
    return isEnded ? outcome : null;
  }

  const runner: JobRunner = {
    create: (request) => repo.insert(request, clock.now()),
    run(jobId, plan) {
      if (stopping.signal.aborted || running.has(jobId)) return Promise.resolve(null);
      const done = work(begin(jobId), plan);
      running.set(jobId, done);
      return done;
    },
    close(jobId, outcome, settle) {
      db.tx(() => {
        repo.end(jobId, outcome, clock.now());
        settle?.();
      });
      const view = repo.find(jobId);
      if (view) feed.publishState(view);
    },
    async abort(jobId, message) {
      requestCancel(jobId, message);
      await running.get(jobId);
    },
    unfinished: () => repo.unfinished(),
  };

  function requestCancel(jobId: JobId, message: string): boolean {
    const job = live.get(jobId);
    job?.abort(new AppError("cancelled", message));
    if (job) feed.publish(job);
    return job !== undefined;
  }

  return {
    runner,
    requestCancel,
    async dispose() {
      const reason = new AppError("unavailable", "The server stops");
      stopping.abort(reason);
      for (const job of live.values()) job.abort(reason);
      const grace = Promise.withResolvers<void>();
      const timer = clock.after(STOP_GRACE_MS, () => grace.resolve());
      await Promise.race([Promise.allSettled(running.values()), grace.promise]);
      void timer.dispose();
      feed.storeAll();
    },
  };
}

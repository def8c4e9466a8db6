/** Carries what running jobs say to the bus ten times a second and to the database once a second. */
import type { JobId, JobView } from "#protocol";
import type { Disposable } from "../../core/disposable.ts";
import type { JobDeps } from "./deps.ts";
import type { JobRepo } from "./job-repo.ts";
import type { LiveJob } from "./live-job.ts";

/** A flood of output becomes ten frames a second, which a person reads as live. */
const PUBLISH_EVERY_MS = 100;
/** One transaction a second for all jobs: a crash loses at most the last second of output. */
const STORE_EVERY_MS = 1_000;

export interface JobFeed extends Disposable {
  /** A job has begun: keeps carrying until none is left. An idle server has no timer here. */
  wake(): void;
  publish(job: LiveJob): void;
  publishState(view: JobView): void;
  /** Writes what is not stored yet; call it inside a transaction, then `markStored` when that is through. */
  storeInTransaction(job: LiveJob): { markStored(): void };
  storeAll(): void;
}

export function createJobFeed(deps: JobDeps, repo: JobRepo, live: ReadonlyMap<JobId, LiveJob>): JobFeed {
  const { db, bus, clock, log } = deps;

  function publishState(view: JobView): void {
    bus.publish("job.state", { kind: "owner", ownerId: view.ownerId }, { job: view });
  }

  function publish(job: LiveJob): void {
    const { lines, view } = job.takeUnpublished();
    if (lines.length > 0) bus.publish("job.output", { kind: "key", key: String(job.id) }, { lines });
    if (view) publishState(view);
  }

  function storeInTransaction(job: LiveJob) {
    const { lines, programs, stepChanged, lastN } = job.unstored();
    repo.appendLines(job.id, lines, lastN);
    for (const program of programs) repo.appendProgram(job.id, program);
    if (stepChanged) repo.saveStep(job.view);
    return { markStored: () => job.markStored(lastN) };
  }

  function storeAll(): void {
    const changed = [...live.values()].filter((job) => job.hasUnstored);
    if (changed.length === 0) return;
    try {
      const stored = db.tx(() => changed.map(storeInTransaction));
      for (const { markStored } of stored) markStored();
    } catch (error) {
      // A full disk or a lock: the lines stay in memory and the next second tries again.
      log.error({ err: error }, "Job output could not be stored");
    }
  }

  let timers: readonly Disposable[] = [];

  function rest(): void {
    for (const timer of timers) void timer.dispose();
    timers = [];
  }

  function wake(): void {
    if (timers.length > 0) return;
    const publishing = clock.every(PUBLISH_EVERY_MS, () => {
      for (const job of live.values()) publish(job);
      if (live.size === 0) rest();
    });
    timers = [publishing, clock.every(STORE_EVERY_MS, storeAll)];
  }

  return { wake, publish, publishState, storeInTransaction, storeAll, dispose: rest };
}

/** Pure rules of jobs: deadlines, what may be cancelled, who may see it, and how a throw becomes an outcome. */
import type { JobKind, JobState, JobView, UserId } from "#protocol";
import type { Session } from "../../core/caller.ts";
import { AppError, toWireError } from "../../core/errors.ts";
import type { JobOutcome } from "../../core/jobs.ts";

const MINUTE_MS = 60_000;

/** Longest life of a job. Waiting in the host's queue counts, so a class that starts at once fits in. */
export const deadlineMs: Readonly<Record<JobKind, number>> = {
  "vm.create": 30 * MINUTE_MS,
  "vm.start": 15 * MINUTE_MS,
  "vm.restart": 15 * MINUTE_MS,
  // A guest that ignores the power button is forced off by the driver well before this.
  "vm.stop": 10 * MINUTE_MS,
  "vm.destroy": 10 * MINUTE_MS,
  "vm.resize": 10 * MINUTE_MS,
  "vm.rebuild": 30 * MINUTE_MS,
  "vm.clone": 30 * MINUTE_MS,
  "snapshot.create": 15 * MINUTE_MS,
  "snapshot.restore": 15 * MINUTE_MS,
  "snapshot.delete": 15 * MINUTE_MS,
  "image.build": 60 * MINUTE_MS,
  // A box of a gigabyte over a slow line.
  "image.fetch": 120 * MINUTE_MS,
  "image.import": 30 * MINUTE_MS,
};

/** Time for cleaning up after a cancel or a deadline. */
export const CLEANUP_MS = 5 * MINUTE_MS;

/** Stopping and destroying go through to their end: half of either helps nobody. */
const cancellableKinds: ReadonlySet<JobKind> = new Set([
  "vm.create",
  "vm.start",
  "vm.restart",
  "vm.clone",
  "image.build",
  "image.fetch",
  "image.import",
]);

export function isActive(state: JobState): boolean {
  return state === "queued" || state === "running";
}

export function isCancellable(kind: JobKind, state: JobState): boolean {
  return isActive(state) && cancellableKinds.has(kind);
}

export function isRetryable(state: JobState): boolean {
  return state === "failed" || state === "cancelled";
}

export function maySee(session: Session, ownerId: UserId): boolean {
  return session.userId === ownerId || session.role === "admin";
}

/** Why this job cannot be cancelled, in plain words; null when it can. */
export function cancelRefusal(job: JobView): string | null {
  if (!isActive(job.state)) return `This job has already ended: it ${endWords[job.state] ?? job.state}`;
  if (!cancellableKinds.has(job.kind))
    return `A job of kind ${job.kind} cannot be cancelled: it runs to its end`;
  return job.cancellable ? null : "This job is already being cancelled";
}

/** Why this job cannot be asked for again, in plain words; null when it can. */
export function retryRefusal(job: JobView): string | null {
  if (isActive(job.state)) return "This job is still at work; it can be asked for again once it has ended";
  if (!isRetryable(job.state)) return "This job succeeded: there is nothing to do again";
  return job.retryable ? null : "This job does not keep what was asked for, so it cannot be asked for again";
}

const endWords: Readonly<Partial<Record<JobState, string>>> = {
  succeeded: "succeeded",
  failed: "failed",
  cancelled: "was cancelled",
};

/** The reason of an abort wins over what the aborted work threw: that is only its echo. */
export function failureOf(thrown: unknown, signal: AbortSignal): JobOutcome<never> {
  const reason: unknown = signal.aborted ? signal.reason : undefined;
  const shown = reason instanceof AppError ? reason : thrown;
  const { code, message } = toWireError(shown);
  return { ok: false, cancelled: code === "cancelled", error: { code, message, detail: detailOf(thrown) } };
}

function detailOf(thrown: unknown): string {
  return thrown instanceof AppError ? (thrown.detail ?? "") : "";
}

export function endState(outcome: JobOutcome<unknown>): JobState {
  if (outcome.ok) return "succeeded";
  return outcome.cancelled ? "cancelled" : "failed";
}

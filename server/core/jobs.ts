/** Long work as other features see it: a row first, then the work, then one end that is written with its consequence. */
import type { ErrorCode, JobId, JobKind, JobView, UserId, VmId } from "#protocol";
import type { Caller, Session } from "./caller.ts";

export interface JobRequest {
  readonly kind: JobKind;
  readonly ownerId: UserId;
  /** Who asked; null for the server itself. */
  readonly actor: JobActor | null;
  readonly vmId: VmId | null;
  readonly imageId?: string;
  /** Name of the VM or the image. */
  readonly targetName: string;
  /** The input of the command, so that the job can be asked for again. No secrets. */
  readonly request?: Readonly<Record<string, unknown>>;
  /** `Caller.requestKey`. */
  readonly requestKey?: string | undefined;
}

export interface JobActor {
  readonly id: UserId;
  readonly name: string;
}

/** How work reports and is stopped; a driver's run with one addition. */
export interface JobRun {
  /** Aborted by a cancel, by the deadline and by the end of the server. */
  readonly signal: AbortSignal;
  output(stream: "info" | "error", text: string): void;
  step(text: string, progress: number): void;
  /** A program begins; call the answer with its exit code, null when it was killed. */
  program(argv: readonly string[]): (exitCode: number | null) => void;
  /** The same reports with a signal of its own deadline, so that a cancelled job can still clean up. */
  forCleanup(): JobRun;
}

export interface JobFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly detail: string;
}

export type JobOutcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly cancelled: boolean; readonly error: JobFailure };

export interface JobPlan<T> {
  work(run: JobRun): Promise<T>;
  /** Writes what the end means, in the same transaction as the end of the job: a crash sees both or neither. */
  settle(outcome: JobOutcome<T>): void;
  /** Called after that transaction: publish here. */
  ended?(outcome: JobOutcome<T>): void;
}

/**
 * Asks again for what an ended job was to do, by the rules of its command, and gives the new job. `request` is what the
 * job stored. Given by the feature that knows the kind.
 */
export type RetryJob = (
  job: JobView,
  request: unknown,
  caller: Pick<Caller<Session>, "session" | "requestKey">,
) => JobId | Promise<JobId>;

export interface JobRunner {
  /** Writes a queued job. Call it inside the transaction that writes what the job stands for. */
  create(request: JobRequest): JobView;
  /**
   * Works on a queued or interrupted job in the background. Resolves with its outcome once that is written,
   * with null when the server stops first: the next start settles such a job. Never rejects.
   */
  run<T>(jobId: JobId, plan: JobPlan<T>): Promise<JobOutcome<T> | null>;
  /** Ends a job nobody works on, together with `settle`. */
  close(jobId: JobId, outcome: JobOutcome<unknown>, settle?: () => void): void;
  /** Aborts whatever kind of job it is and resolves when it has ended; at once when nobody works on it. */
  abort(jobId: JobId, message: string): Promise<void>;
  /** The job that a request with this Idempotency-Key made, if it came that far. */
  findByRequestKey(actorId: UserId, requestKey: string): JobView | undefined;
  /** What was asked for, as it was stored; null when the job keeps no request. */
  requestOf(jobId: JobId): unknown;
  /** Jobs without an end, oldest first: after a start these are the interrupted ones. */
  unfinished(): readonly JobView[];
}

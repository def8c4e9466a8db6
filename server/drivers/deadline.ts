/** A driver run that also ends at a deadline, and the one error its end becomes. */
import type { Clock } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import type { DriverRun } from "./vm-driver.ts";

export interface Deadline {
  readonly ms: number;
  /** For people, e.g. "The VM was not ready within 5 minutes". */
  readonly message: string;
}

/** Runs `work`; when the caller's signal or the deadline ends it, rejects with `cancelled` or `timeout`. */
export async function withDeadline<T>(
  run: DriverRun,
  clock: Clock,
  deadline: Deadline,
  work: (run: DriverRun) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const timer = clock.after(deadline.ms, () => late.abort(new AppError("timeout", deadline.message)));
  const signal = AbortSignal.any([run.signal, late.signal]);
  try {
    signal.throwIfAborted();
    return await work({ ...bound(run), signal });
  } catch (error) {
    throw signal.aborted ? abortError(signal, error) : error;
  } finally {
    timer.dispose();
  }
}

/** The reports of a run without its signal: what cleans up must not be cancelled with what failed. */
export function reportsOf(run: DriverRun): DriverRun {
  return { ...bound(run), signal: new AbortController().signal };
}

function bound(run: DriverRun): Omit<DriverRun, "signal"> {
  return {
    output: (stream, text) => run.output(stream, text),
    step: (text, progress) => run.step(text, progress),
    program: (argv) => run.program(argv),
  };
}

/** What an ended signal means to whoever waits for the work. */
export function abortError(signal: AbortSignal, error: unknown): AppError {
  if (signal.reason instanceof AppError) return signal.reason;
  return new AppError("cancelled", "The work was cancelled", { cause: error });
}

/** Waits, and rejects at once when the signal is aborted. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = clock.after(ms, resolve);
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await promise;
  } finally {
    timer.dispose();
    signal.removeEventListener("abort", onAbort);
  }
}

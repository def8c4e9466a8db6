/** What work is handed: its signal, and where its words go. */
import type { Clock } from "../../core/clock.ts";
import type { Disposable } from "../../core/disposable.ts";
import { AppError } from "../../core/errors.ts";
import type { JobRun } from "../../core/jobs.ts";
import { CLEANUP_MS } from "./job-rules.ts";
import type { LiveJob } from "./live-job.ts";

interface RunParts {
  readonly job: LiveJob;
  readonly clock: Clock;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
  /** Timers that end with the work are added here. */
  readonly timers: Disposable[];
}

export function createRun({ job, clock, stopping, timers }: RunParts): JobRun {
  const run: JobRun = {
    signal: job.signal,
    output: (stream, text) => job.write(stream, text),
    step: (text, progress) => job.step(text, progress),
    program: (argv) => job.beginProgram(argv),
    forCleanup() {
      const controller = new AbortController();
      const late = new AppError("timeout", "Cleaning up took too long");
      timers.push(clock.after(CLEANUP_MS, () => controller.abort(late)));
      return { ...run, signal: AbortSignal.any([controller.signal, stopping]) };
    },
  };
  return run;
}

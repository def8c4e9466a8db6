/** A driver run that remembers all it is told. */
import { expect } from "bun:test";
import { AppError } from "../../server/core/errors.ts";
import type { DriverRun } from "../../server/drivers/vm-driver.ts";

export interface Recorded {
  readonly run: DriverRun;
  readonly steps: { text: string; progress: number }[];
  readonly lines: string[];
  readonly programs: { argv: readonly string[]; exitCode: number | null | "running" }[];
  readonly abort: AbortController;
}

export function record(): Recorded {
  const abort = new AbortController();
  const steps: Recorded["steps"] = [];
  const lines: string[] = [];
  const programs: Recorded["programs"] = [];
  const run: DriverRun = {
    signal: abort.signal,
    output: (_stream, text) => void lines.push(text),
    step: (text, progress) => void steps.push({ text, progress }),
    program: (argv) => {
      const program: Recorded["programs"][number] = { argv, exitCode: "running" };
      programs.push(program);
      return (exitCode) => void (program.exitCode = exitCode);
    },
  };
  return { run, steps, lines, programs, abort };
}

/** The error an action is refused with. */
export async function refused(action: Promise<unknown>): Promise<AppError> {
  const thrown = await action.then(
    () => new Error("it was accepted"),
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(AppError);
  if (!(thrown instanceof AppError)) throw thrown;
  return thrown;
}

/** The programs of a job as rows, and as text to copy; pure. */
import type { JobProgram } from "#protocol";
import { formatDuration } from "../../shared/charts/units.ts";
import { formatClock } from "../../shared/format/time.ts";

export interface ProgramLook {
  readonly startedAt: string;
  readonly took: string;
  readonly exit: string;
  readonly tone: "success" | "danger" | "info" | "neutral";
}

/** Under ten seconds a tenth matters: most programs are that quick. */
function spanWords(spanMs: number): string {
  return spanMs < 10_000 ? `${(Math.max(0, spanMs) / 1_000).toFixed(1)} s` : formatDuration(spanMs / 1_000);
}

export function programLook(program: JobProgram, nowMs: number, isJobActive: boolean): ProgramLook {
  const startedAt = formatClock(program.startedAtMs);
  const { endedAtMs, exitCode } = program;
  if (endedAtMs === null)
    return isJobActive
      ? { startedAt, took: spanWords(nowMs - program.startedAtMs), exit: "running", tone: "info" }
      : { startedAt, took: "–", exit: "no end seen", tone: "neutral" };
  const took = spanWords(endedAtMs - program.startedAtMs);
  if (exitCode === null) return { startedAt, took, exit: "killed", tone: "danger" };
  return { startedAt, took, exit: `exit ${exitCode}`, tone: exitCode === 0 ? "success" : "danger" };
}

/** As a shell would take them, each with when and how it ended. */
export function programsText(programs: readonly JobProgram[]): string {
  return programs
    .map((program) => {
      const { startedAt, took, exit } = programLook(program, program.startedAtMs, false);
      return `# ${startedAt}, ${took}, ${exit}\n${program.commandLine}\n`;
    })
    .join("\n");
}

/** Runs one program in a session of its own: lines as they come, capped, and on an abort its whole group ends. */
import { randomUUID } from "node:crypto";
import { AppError } from "../core/errors.ts";
import type { Clock } from "../core/clock.ts";
import { type ProcessFacts, processesOf, processesWith, signalAll } from "./pty/process-tree.ts";
import { readLines } from "./virsh/domain-events.ts";
import type { DriverRun } from "./vm-driver.ts";

/** Ruby ends on SIGTERM within milliseconds; what is still there after this is killed. */
const TERM_GRACE_MS = 2_000;
/** A tool gone wild must not fill our memory or the browser's. */
const LINE_LIMIT = 8_000;
const OUTPUT_LIMIT = 2_000_000;

export interface ProcessRequest {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  onLine(stream: "stdout" | "stderr", line: string): void;
  /** Called once it runs, so that it can be found again after a crash of ours. */
  onStart?(pid: number): void;
}

/** Inherited by all that a run starts: a daemon leaves the session of its run, but not its environment. */
const MARK = "TWARGA_RUN";

/** Resolves with the exit code when everything it started has ended; rejects with the reason of the abort. */
export async function runProcess(request: ProcessRequest): Promise<number> {
  request.signal.throwIfAborted();
  const mark = `${MARK}=${randomUUID()}`;
  const child = spawn(request, mark);
  const members = () => [...processesOf(child.pid), ...processesWith(mark)];
  request.onStart?.(child.pid);
  const ended = Promise.withResolvers<void>();
  const onAbort = () => void endAll(members, ended.promise, request.clock);
  request.signal.addEventListener("abort", onAbort, { once: true });
  let budget = OUTPUT_LIMIT;
  const isHeard = () => budget > 0;
  const take = (stream: "stdout" | "stderr") => (line: string) => {
    budget -= line.length;
    if (budget < 0) return;
    request.onLine(stream, line.length > LINE_LIMIT ? `${line.slice(0, LINE_LIMIT)} ...` : line);
  };
  try {
    const reading = Promise.all([
      readLines(child.stdout, take("stdout"), isHeard),
      readLines(child.stderr, take("stderr"), isHeard),
    ]);
    await child.exited;
    ended.resolve();
    // A stray grandchild would hold the pipes open and work on behind our back.
    signalAll(members(), "SIGKILL");
    await withGrace(reading, request.clock);
  } finally {
    ended.resolve();
    request.signal.removeEventListener("abort", onAbort);
  }
  request.signal.throwIfAborted();
  return child.exitCode ?? -1;
}

/** As `runProcess`, told to the run as one of its programs. */
export async function runReported(run: Pick<DriverRun, "program">, request: ProcessRequest): Promise<number> {
  const ended = run.program(request.argv);
  let exitCode: number | null = null;
  try {
    exitCode = await runProcess(request);
    return exitCode;
  } finally {
    ended(exitCode);
  }
}

function spawn({ argv, cwd, env }: ProcessRequest, mark: string) {
  const [name = "", value] = mark.split("=");
  try {
    return Bun.spawn([...argv], {
      cwd,
      env: { ...env, [name]: value },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      // A session of its own: one signal reaches Ruby and all that it started.
      detached: true,
    });
  } catch (error) {
    throw new AppError("driver_failed", `Cannot run ${argv[0]}. Run \`npm run setup:vm\`.`, { cause: error });
  }
}

/** SIGTERM, a moment, SIGKILL: to everything that is a member at either time. */
export async function endAll(
  members: () => readonly ProcessFacts[],
  ended: Promise<void>,
  clock: Clock,
): Promise<void> {
  signalAll(members(), "SIGTERM");
  await withGrace(ended, clock);
  signalAll(members(), "SIGKILL");
}

/** Resolves with `ended`, or after the grace without it. */
async function withGrace(ended: Promise<unknown>, clock: Clock): Promise<void> {
  const grace = Promise.withResolvers<void>();
  const timer = clock.after(TERM_GRACE_MS, grace.resolve);
  await Promise.race([ended, grace.promise]);
  timer.dispose();
}

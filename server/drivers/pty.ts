/** A program on a pseudo-terminal of this host as a `TerminalStream`: raw bytes, real flow control, no survivors. */
import { openTtyFlow, type TtyFlow, ttyPathOf } from "./pty/flow-control.ts";
import { processesOf, signalAll } from "./pty/process-tree.ts";
import type { TerminalSize, TerminalStream } from "./vm-driver.ts";

/** A shell gets this long to end on SIGHUP, as when a window is closed; then SIGKILL. */
const HANGUP_GRACE_MS = 400;
/** After the program has ended its last bytes are normally here at once; never wait longer than this for the tty's end. */
const LAST_BYTES_MS = 2_000;
/** Typed bytes a program has not read yet; more is dropped, like on a serial line, instead of filling our memory. */
const INPUT_QUEUE_BYTES = 1024 * 1024;

export interface PtyOptions {
  /** Added to the server's own environment; `undefined` removes a name. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly size: TerminalSize;
  readonly onData: (bytes: Uint8Array) => void;
}

export interface PtyStream extends TerminalStream {
  readonly pid: number;
}

/** Starts `argv` on a new tty. Throws when the program cannot be started. */
export function openPty(argv: readonly string[], options: PtyOptions): PtyStream {
  const ttyEnded = Promise.withResolvers<void>();
  let queuedInput = 0;
  const child = Bun.spawn([...argv], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env, TERM: "xterm-256color" },
    // Inline: a terminal made beforehand would not become the child's controlling tty, so Ctrl-C would do nothing.
    terminal: {
      cols: options.size.cols,
      rows: options.size.rows,
      name: "xterm-256color",
      data: (_terminal, bytes) => options.onData(bytes),
      drain: () => {
        queuedInput = 0;
      },
      exit: () => ttyEnded.resolve(),
    },
  });
  const ttyPath = ttyPathOf(child.pid);
  const ttyFlow = ttyPath === null ? null : openTtyFlow(ttyPath);
  const flow = createFlow(child, ttyFlow);
  const exited = waitForEnd(child, ttyEnded.promise, ttyFlow);
  let closed = false;

  return {
    pid: child.pid,
    exited,
    write(bytes) {
      if (closed || child.terminal?.closed || queuedInput + bytes.length > INPUT_QUEUE_BYTES) return;
      queuedInput += bytes.length;
      child.terminal?.write(bytes);
    },
    resize({ cols, rows }) {
      if (!closed && !child.terminal?.closed) child.terminal?.resize(cols, rows);
    },
    pause: () => flow("stop"),
    resume: () => flow("go"),
    close() {
      if (closed) return;
      closed = true;
      void endEverything(child);
    },
  };
}

/** The kernel's own switch where we have it; else the program itself is stopped and continued. */
function createFlow(child: Bun.Subprocess, ttyFlow: TtyFlow | null): (flow: "stop" | "go") => void {
  let current: "stop" | "go" = "go";
  return (flow) => {
    if (flow === current) return;
    current = flow;
    if (ttyFlow?.set(flow)) return;
    if (child.exitCode === null) signalAll(processesOf(child.pid), flow === "stop" ? "SIGSTOP" : "SIGCONT");
  };
}

async function waitForEnd(
  child: Bun.Subprocess,
  ttyEnded: Promise<void>,
  ttyFlow: TtyFlow | null,
): Promise<{ exitCode: number | null }> {
  await child.exited;
  ttyFlow?.close();
  await Promise.race([ttyEnded, Bun.sleep(LAST_BYTES_MS)]);
  // Background jobs outlive their shell; their tty is gone and nobody can reach them any more.
  signalAll(processesOf(child.pid), "SIGKILL");
  child.terminal?.close();
  return { exitCode: child.exitCode };
}

async function endEverything(child: Bun.Subprocess): Promise<void> {
  const processes = processesOf(child.pid);
  signalAll(processes, "SIGHUP");
  // A stopped process acts on its SIGHUP only once it runs again.
  signalAll(processes, "SIGCONT");
  await Promise.race([child.exited, Bun.sleep(HANGUP_GRACE_MS)]);
  signalAll([...processes, ...processesOf(child.pid)], "SIGKILL");
}

/** A login shell on a simulated machine as a `TerminalStream`: prompt, line editing, interpreter, interruption. */
import { Bash, getCommandNames } from "just-bash";
import type { Log } from "../../../core/log.ts";
import type { TerminalSize, TerminalStream } from "../../vm-driver.ts";
import { GUEST_HOME, GUEST_USER, type Guest } from "../guest.ts";
import { pass, type Pace } from "../life-cycle.ts";
import { commandsOf } from "./commands.ts";
import { completeWord } from "./completion.ts";
import type { GuestDisk } from "./guest-disk.ts";
import { LineEditor } from "./line-editor.ts";
import { livePrograms } from "./live-programs.ts";
import { Outlet } from "./outlet.ts";
import { isIncomplete, liveCommandOf } from "./script.ts";

/** Typed while a command runs; more is dropped. */
const TYPE_AHEAD_BYTES = 64 * 1024;
const PASTE_MODE_ON = "\u001b[?2004h";
const PASTE_MODE_OFF = "\u001b[?2004l";
const CTRL_C = 3;
const KEYS_THAT_MAY_RUN = new Set([9, 10, 13]);

/**
 * The interpreter runs on the server's own thread and never yields inside a loop, so these bound how long
 * one typed line can hold everybody up: about 0.1 s for the worst line.
 */
export const INTERPRETER_LIMITS = {
  maxCommandCount: 5_000,
  maxStringLength: 2 * 1024 * 1024,
  maxOutputSize: 4 * 1024 * 1024,
};

interface ShellOptions {
  readonly guest: Guest;
  readonly disk: GuestDisk;
  readonly pace: Pace;
  readonly log: Log;
  readonly pid: number;
  readonly size: TerminalSize;
  readonly onData: (bytes: Uint8Array) => void;
}

export class SimulatedShell implements TerminalStream {
  readonly exited: Promise<{ readonly exitCode: number | null }>;
  readonly #options: ShellOptions;
  readonly #outlet: Outlet;
  readonly #editor: LineEditor;
  readonly #bash: Bash;
  readonly #ended = Promise.withResolvers<{ exitCode: number | null }>();
  #size: TerminalSize;
  #env: Record<string, string>;
  #exitCode = 0;
  #lines: string[] = [];
  #typeAhead: Uint8Array[] = [];
  #running: AbortController | null = null;
  #closed = false;

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#size = options.size;
    this.exited = this.#ended.promise;
    this.#outlet = new Outlet(options.onData);
    this.#env = {
      HOME: GUEST_HOME,
      USER: GUEST_USER,
      LOGNAME: GUEST_USER,
      HOSTNAME: options.guest.info.name,
      PWD: GUEST_HOME,
      TERM: "xterm-256color",
      SHELL: "/bin/bash",
    };
    this.#bash = this.#createBash();
    this.#editor = this.#createEditor();
    // After the caller has its stream: nothing is delivered before `openTerminal` has returned.
    setImmediate(() => this.#greet());
  }

  write(bytes: Uint8Array): void {
    let rest = bytes;
    while (!this.#closed && rest.length > 0) {
      if (this.#running) return this.#keepForLater(rest);
      const cut = rest.findIndex((key) => KEYS_THAT_MAY_RUN.has(key));
      // A Tab must arrive alone to complete, and what follows an Enter belongs to the next prompt.
      const end = cut < 0 ? rest.length : cut === 0 ? 1 : cut;
      this.#editor.feed(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  }

  resize(size: TerminalSize): void {
    this.#size = size;
    if (!this.#closed) this.#editor.resize(size);
  }

  pause(): void {
    this.#outlet.pause();
  }

  resume(): void {
    this.#outlet.resume();
  }

  close(): void {
    this.#end(null);
  }

  #createBash(): Bash {
    const { guest, disk, pid, pace } = this.#options;
    return new Bash({
      fs: disk.fs,
      cwd: GUEST_HOME,
      env: this.#env,
      customCommands: [...commandsOf({ guest, pid, size: () => this.#size })],
      // Its hardening patches internals of Node that Bun does not have.
      defenseInDepth: false,
      executionLimitProfile: "hardened",
      executionLimits: INTERPRETER_LIMITS,
      processInfo: { pid, ppid: 1, uid: 1000, gid: 1000 },
      sleep: (ms) =>
        pass(ms, this.#running?.signal ?? AbortSignal.abort(), { ...pace, speed: 1 }).catch(() => {}),
    });
  }

  #createEditor(): LineEditor {
    const { disk, guest, pid } = this.#options;
    const commands = [
      ...new Set([
        ...getCommandNames(),
        ...commandsOf({ guest, pid, size: () => this.#size }).map(({ name }) => name),
      ]),
    ];
    return new LineEditor({
      size: this.#size,
      history: [],
      write: (bytes) => this.#outlet.write(bytes),
      line: (text) => this.#takeLine(text),
      interrupt: () => this.#interruptLine(),
      end: () => this.#logout(),
      complete: (line) => completeWord(line, { fs: disk.fs, cwd: this.#env.PWD ?? "/", commands }),
    });
  }

  #greet(): void {
    const { info } = this.#options.guest;
    this.#outlet.print(
      `\u001b[1;33mSimulated machine\u001b[0m: no virtual machine runs behind this shell.\n` +
        `${info.name}, ${info.cpuCores} core(s), ${info.ramMb} MB, ${info.ip}. Files under ${GUEST_HOME} survive a stop.\n\n`,
    );
    this.#prompt();
  }

  #prompt(): void {
    if (this.#closed) return;
    const cwd = (this.#env.PWD ?? "/").replace(new RegExp(`^${GUEST_HOME}(?=/|$)`), "~");
    const place = `\u001b[1;32m${GUEST_USER}@${this.#options.guest.info.name}\u001b[0m:\u001b[1;34m${cwd}\u001b[0m$ `;
    this.#outlet.print(PASTE_MODE_ON);
    this.#editor.prompt(this.#lines.length > 0 ? "> " : place);
  }

  #keepForLater(bytes: Uint8Array): void {
    const interrupt = bytes.lastIndexOf(CTRL_C);
    if (interrupt >= 0) {
      this.#typeAhead = [];
      this.#running?.abort();
    }
    const kept = bytes.slice(interrupt + 1);
    const held = this.#typeAhead.reduce((sum, part) => sum + part.length, kept.length);
    if (held <= TYPE_AHEAD_BYTES) this.#typeAhead.push(kept);
  }

  #interruptLine(): void {
    this.#lines = [];
    this.#editor.discard();
    this.#outlet.print("^C\n");
    this.#exitCode = 130;
    this.#prompt();
  }

  #takeLine(text: string): void {
    this.#lines.push(text);
    const script = this.#lines.join("\n");
    if (this.#editor.pasting || isIncomplete(script)) return this.#prompt();
    this.#lines = [];
    if (script.trim() === "") return this.#prompt();
    void this.#run(script);
  }

  async #run(script: string): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    this.#outlet.print(PASTE_MODE_OFF);
    try {
      const live = liveCommandOf(script);
      if (live?.kind === "exit") return this.#logout(live.exitCode ?? this.#exitCode);
      const { guest, pace } = this.#options;
      const outlet = this.#outlet;
      this.#exitCode = live
        ? await livePrograms[live.name]({ args: live.args, outlet, guest, pace, signal: running.signal })
        : await this.#interpret(script, running.signal);
    } catch (error) {
      this.#options.log.warn({ err: error }, "simulated shell: the interpreter failed");
      this.#outlet.print("bash: the simulated shell could not run this\n");
      this.#exitCode = 1;
    } finally {
      this.#running = null;
    }
    this.#prompt();
    for (const bytes of this.#typeAhead.splice(0)) this.write(bytes);
  }

  async #interpret(script: string, signal: AbortSignal): Promise<number> {
    const { disk } = this.#options;
    disk.refresh();
    const interrupted = new Promise<null>((resolve) => {
      signal.addEventListener("abort", () => resolve(null), { once: true });
    });
    // Both streams in one, in the order they were written; and `$?` of the line before, which the interpreter forgets.
    const seeded = `exec 2>&1; (exit ${this.#exitCode}); ${script}`;
    const cwd = this.#env.PWD ?? GUEST_HOME;
    const result = await Promise.race([
      this.#bash.exec(seeded, { env: this.#env, replaceEnv: true, cwd, signal, rawScript: true }),
      interrupted,
    ]);
    if (result === null) {
      this.#outlet.print("^C\n");
      return 130;
    }
    this.#env = { ...result.env };
    const isBinary = result.stdoutKind === "bytes" || result.stdoutEncoding === "binary";
    this.#outlet.print(isBinary ? Buffer.from(result.stdout, "latin1").toString() : result.stdout);
    this.#outlet.print(result.stderr);
    await disk.save();
    await this.#outlet.drained();
    return result.exitCode;
  }

  #logout(exitCode = this.#exitCode): void {
    if (this.#closed) return;
    this.#outlet.print("logout\n");
    void this.#outlet.drained().then(() => this.#end(exitCode));
  }

  #end(exitCode: number | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#running?.abort();
    this.#outlet.close();
    this.#editor.dispose();
    this.#ended.resolve({ exitCode });
  }
}

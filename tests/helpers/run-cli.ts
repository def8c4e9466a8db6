/** `twarga` as a child process: with pipes, or in a pseudo-terminal as a person has it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectDir } from "./start-server.ts";
import { waitFor } from "./wait-for.ts";

const CLI = [process.execPath, join(projectDir, "server/cli/main.ts")];

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliTerminal {
  /** All that came out so far. */
  readonly output: string;
  type(text: string): void;
  resize(cols: number, rows: number): void;
  until(pattern: RegExp, timeoutMs?: number): Promise<void>;
  readonly exited: Promise<number>;
}

/** One person: a home folder of their own, and a server they talk to. */
export class CliUser {
  readonly home = mkdtempSync(join(tmpdir(), "twarga-user-"));
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async run(args: readonly string[], stdin = ""): Promise<CliResult> {
    const child = Bun.spawn([...CLI, ...args], {
      cwd: this.home,
      env: this.#environment(),
      stdin: Buffer.from(stdin),
      stdout: "pipe",
      stderr: "pipe",
      timeout: 150_000,
    });
    const [stdout, stderr, exitCode] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { exitCode, stdout, stderr };
  }

  /** Runs, and gives the JSON document it prints. */
  async json(...args: string[]): Promise<unknown> {
    const { exitCode, stdout, stderr } = await this.run([...args, "--json"]);
    if (exitCode !== 0) throw new Error(`twarga ${args.join(" ")} ended with ${exitCode}: ${stderr}`);
    return JSON.parse(stdout);
  }

  inTerminal(args: readonly string[]): CliTerminal {
    let output = "";
    const decoder = new TextDecoder();
    const child = Bun.spawn([...CLI, ...args], {
      cwd: this.home,
      env: { ...this.#environment(), TERM: "xterm-256color" },
      terminal: {
        cols: 100,
        rows: 30,
        data: (_, bytes) => void (output += decoder.decode(bytes, { stream: true })),
      },
    });
    return {
      get output() {
        return output;
      },
      type: (text) => void child.terminal?.write(text),
      resize: (cols, rows) => child.terminal?.resize(cols, rows),
      async until(pattern, timeoutMs = 30_000) {
        // As a person reads it: without colours, titles and cursor movements.
        await waitFor(`${pattern} in the terminal`, () => pattern.test(Bun.stripANSI(output)), {
          timeoutMs,
          describe: () => output,
        });
      },
      exited: child.exited,
    };
  }

  dispose(): void {
    rmSync(this.home, { recursive: true, force: true });
  }

  #environment(): Record<string, string> {
    return { PATH: process.env["PATH"] ?? "", HOME: this.home, TWARGA_URL: this.#url };
  }
}

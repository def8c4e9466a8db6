/** The real server as a child process, with a home and a port of its own, that a test may stop, kill and start again. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Subprocess } from "bun";
import { waitFor } from "./wait-for.ts";

export const projectDir = resolve(import.meta.dir, "../..");

export interface ServerOptions {
  readonly driver: "simulated" | "vagrant" | "container";
  readonly env?: Readonly<Record<string, string>>;
}

export class TestServer {
  readonly home = mkdtempSync(join(tmpdir(), "twarga-home-"));
  readonly port = freePort();
  readonly url = `http://localhost:${this.port}`;
  readonly #options: ServerOptions;
  #child: Subprocess<"ignore", "pipe", "pipe"> | null = null;
  #log = "";

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** Everything the server has printed, over all its starts. */
  get log(): string {
    return this.#log;
  }

  get pid(): number {
    if (this.#child === null) throw new Error("The server does not run");
    return this.#child.pid;
  }

  async start(): Promise<void> {
    const child = Bun.spawn([process.execPath, "server/main.ts"], {
      cwd: projectDir,
      env: this.#environment(),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#child = child;
    void this.#read(child.stdout);
    void this.#read(child.stderr);
    const isSettled = async () => child.exitCode !== null || (await this.#isUp());
    await waitFor("the server to answer", isSettled, { timeoutMs: 60_000, everyMs: 25 });
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}:\n${this.#log}`);
  }

  /** As Ctrl-C does. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** As a power cut does. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Stops it and removes its home. */
  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.home, { recursive: true, force: true });
  }

  async #isUp(): Promise<boolean> {
    const response = await fetch(`${this.url}/health`);
    return response.ok;
  }

  async #end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    child.kill(signal);
    await child.exited;
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) this.#log += decoder.decode(chunk, { stream: true });
  }

  #environment(): Record<string, string> {
    return {
      PATH: process.env["PATH"] ?? "",
      HOME: process.env["HOME"] ?? "",
      TERM: "dumb",
      PORT: String(this.port),
      HOST: "127.0.0.1",
      TWARGA_HOME: this.home,
      TWARGA_DRIVER: this.#options.driver,
      TWARGA_LOG_LEVEL: "warn",
      TWARGA_ADMIN_PASSWORD: ADMIN_PASSWORD,
      ...this.#options.env,
    };
  }
}

export const ADMIN_PASSWORD = "administrator-of-tests";

export async function startServer(options: ServerOptions): Promise<TestServer> {
  ensureUiBuilt();
  const server = new TestServer(options);
  try {
    await server.start();
  } catch (error) {
    await server.dispose();
    throw error;
  }
  return server;
}

/** Asked of the kernel; free until somebody else asks for this very number. */
export function freePort(): number {
  const probe = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = probe;
  probe.stop(true);
  return port;
}

let isUiBuilt = false;

/** As `npm start` does it: only when the sources are others than those of the last build. */
function ensureUiBuilt(): void {
  if (isUiBuilt) return;
  const build = `import("./server/launch/ui-build.mjs").then((launch) => launch.ensureUi())`;
  const { exitCode, stderr } = Bun.spawnSync([process.execPath, "-e", build], { cwd: projectDir });
  if (exitCode !== 0) throw new Error(`The web page cannot be built:\n${stderr.toString()}`);
  isUiBuilt = existsSync(join(projectDir, "ui/dist/index.html"));
}

/** Starts the real server as a child process on a free port with a home of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const projectDir = resolve(import.meta.dir, "../../..");
/** A cold start on a busy machine; a fresh one takes about a second. */
const START_DEADLINE_MS = 30_000;

export function makeHome() {
  const dir = mkdtempSync(join(tmpdir(), "twarga-home-"));
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

export async function freePort(): Promise<number> {
  const probe = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = probe;
  probe.stop(true);
  return port;
}

export type Settings = Record<string, string>;

function spawnServer(settings: Settings) {
  const isSetting = (name: string) => name.startsWith("TWARGA_") || name === "PORT" || name === "HOST";
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isSetting(name)));
  return Bun.spawn([process.execPath, "server/main.ts"], {
    cwd: projectDir,
    env: { ...inherited, TWARGA_DRIVER: "simulated", ...settings },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** A start that must fail: its exit code and everything it printed. */
export async function runRefused(settings: Settings) {
  const child = spawnServer(settings);
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

export class ServerProcess {
  readonly url: string;
  readonly #child: ReturnType<typeof spawnServer>;
  readonly #stdout: Promise<string>;
  readonly #stderr: Promise<string>;

  private constructor(child: ReturnType<typeof spawnServer>, port: number) {
    this.#child = child;
    this.url = `http://127.0.0.1:${port}`;
    this.#stdout = new Response(child.stdout).text();
    this.#stderr = new Response(child.stderr).text();
  }

  static async start(settings: Settings): Promise<ServerProcess> {
    const port = Number(settings["PORT"] ?? (await freePort()));
    const server = new ServerProcess(spawnServer({ ...settings, PORT: String(port) }), port);
    const deadlineMs = Date.now() + START_DEADLINE_MS;
    while (!(await answers(`${server.url}/health`))) {
      if (server.#child.exitCode !== null) throw new Error(`The server ended: ${await server.#stderr}`);
      if (Date.now() > deadlineMs) throw new Error("The server does not answer");
      await Bun.sleep(20);
    }
    return server;
  }

  get pid(): number {
    return this.#child.pid;
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", origin: this.url, ...headers },
    });
  }

  /** Sends a signal, waits for the end, and tells how it ended and all that was printed. */
  async end(signal: NodeJS.Signals = "SIGTERM") {
    this.#child.kill(signal);
    const exitCode = await this.#child.exited;
    return { exitCode, stdout: await this.#stdout, stderr: await this.#stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
  }
}

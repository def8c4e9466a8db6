/** The whole product as a process of its own: the real server in a home of its own, one user, and a socket of the browser's client. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Client, createClient } from "#client";
import { commands } from "#protocol";
import { waitUntil } from "./wait-until.ts";

export type DriverName = "simulated" | "vagrant";

/** Room for a busy machine; a quiet one takes a second. */
const START_DEADLINE_MS = 30_000;
const PROJECT_DIR = resolve(import.meta.dir, "../..");

export interface Product {
  readonly pid: number;
  readonly home: string;
  /** Online, as the one user there is. */
  readonly client: Client;
  /** Machines that still exist stay where they are: destroy them first. */
  stop(): Promise<void>;
}

function freePort(): number {
  const probe = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = probe;
  probe.stop(true);
  return port;
}

async function register(url: string): Promise<string> {
  const response = await fetch(`${url}/api/auth/register`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ username: "bench", password: "a long bench password" }),
  });
  return commands["auth.register"].output.parse(await response.json()).access_token;
}

const answers = (url: string) =>
  fetch(`${url}/health`).then(
    (response) => response.ok,
    () => false,
  );

export async function startProduct(driver: DriverName): Promise<Product> {
  const home = mkdtempSync(join(tmpdir(), "twarga-bench-"));
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = Bun.spawn([process.execPath, "server/main.ts"], {
    cwd: PROJECT_DIR,
    env: {
      ...process.env,
      NODE_ENV: "production",
      PORT: String(port),
      HOST: "127.0.0.1",
      TWARGA_HOME: home,
      TWARGA_DRIVER: driver,
    },
    stdout: "ignore",
    stderr: Bun.file(join(home, "stderr")),
  });
  const isUp = async () => child.exitCode !== null || (await answers(url));
  await waitUntil(isUp, START_DEADLINE_MS, "the server's answer");
  if (child.exitCode !== null) throw new Error(await Bun.file(join(home, "stderr")).text());
  const token = await register(url);
  const client = createClient({ url: `ws://127.0.0.1:${port}/ws`, token: () => token });
  client.connect();
  await waitUntil(() => client.status.phase === "online", START_DEADLINE_MS, "the socket");
  return {
    pid: child.pid,
    home,
    client,
    async stop() {
      client.close();
      child.kill();
      await child.exited;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A server under test as a process of its own, which tells its port and the CPU time it has used. */
import { join } from "node:path";

export interface ServerProcess {
  readonly port: number;
  /** User and system time so far, in microseconds. */
  cpuUs(): Promise<number>;
  stop(): Promise<void>;
}

/** What the child says over IPC: first its port, then CPU time each time it is asked. */
export async function startServer(script: string): Promise<ServerProcess> {
  const answers: ((value: number) => void)[] = [];
  const next = () => new Promise<number>((resolve) => answers.push(resolve));
  const first = next();
  const child = Bun.spawn([process.execPath, join(import.meta.dir, script)], {
    stdout: "ignore",
    stderr: "ignore",
    env: { ...process.env, NODE_ENV: "production" },
    ipc: (message) => answers.shift()?.(Number(message)),
  });
  const port = await first;
  return {
    port,
    cpuUs() {
      const answer = next();
      child.send("cpu");
      return answer;
    },
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}

/** The child's side of `startServer`. */
export function reportTo(port: number): void {
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
  process.send?.(port);
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

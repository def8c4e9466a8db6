/** The engine behind the driver: a socket that is there, or a Podman service of our own with a store of its own. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childEnvironment } from "../../core/child-environment.ts";
import type { Clock } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import { createEngineApi, type EngineApi } from "./engine-api.ts";

const START_MS = 15_000;
const LOOK_MS = 100;
/** The kernel's limit for the path of a Unix socket, with its closing zero. */
const SOCKET_PATH_BYTES = 107;

export interface Engine {
  readonly api: EngineApi;
  /** Ends a service that this process started. Machines run on. */
  stop(): Promise<void>;
}

/** Why our own Podman cannot be started here, or null. */
export function whyNoPodman(): string | null {
  if (Bun.which("podman") === null) return "Podman is not installed";
  if (Bun.which("runc") === null) return "runc is not installed";
  if (process.getuid?.() !== 0)
    return "starting Podman needs root; give TWARGA_CONTAINER_SOCKET for an engine that runs";
  return null;
}

const storeOf = (vmsDir: string) => join(vmsDir, ".containers");

/** Measured: crun fails on hosts with hybrid cgroups, and without systemd the cgroup manager is cgroupfs. */
export function podmanArgv(vmsDir: string, runDir: string): readonly string[] {
  const store = storeOf(vmsDir);
  return [
    ...["podman", "--root", join(store, "root"), "--runroot", runDir],
    ...["--runtime", "runc", "--cgroup-manager", "cgroupfs"],
  ];
}

/** Short and stable: a later start finds what an earlier one left running. */
export function runDirOf(instance: string): string {
  return join(process.getuid?.() === 0 && existsSync("/run") ? "/run" : tmpdir(), `twarga-${instance}`);
}

export async function openEngine(options: {
  readonly socket: string | null;
  readonly vmsDir: string;
  readonly instance: string;
  readonly clock: Clock;
}): Promise<Engine> {
  if (options.socket !== null) {
    const api = createEngineApi(options.socket);
    if (await api.ping()) return { api, stop: async () => {} };
    throw new AppError("driver_failed", `No container engine answers at ${options.socket}`);
  }
  const runDir = runDirOf(options.instance);
  const socket = join(runDir, "engine.sock");
  if (Buffer.byteLength(socket) > SOCKET_PATH_BYTES)
    throw new AppError("driver_failed", "The path of the engine's socket is too long for the kernel", {
      detail: socket,
    });
  const probe = createEngineApi(socket);
  let reviving: Promise<void> | null = null;
  const revive = () => (reviving ??= startService(options, runDir, probe).finally(() => (reviving = null)));
  if (!(await probe.ping())) await revive();
  return { api: createEngineApi(socket, revive), stop: () => endService(runDir) };
}

async function startService(
  { vmsDir, clock }: { readonly vmsDir: string; readonly clock: Clock },
  runDir: string,
  api: EngineApi,
): Promise<void> {
  const why = whyNoPodman();
  if (why !== null) throw new AppError("driver_failed", why);
  mkdirSync(runDir, { recursive: true, mode: 0o700 });
  mkdirSync(storeOf(vmsDir), { recursive: true, mode: 0o700 });
  const child = Bun.spawn(
    [...podmanArgv(vmsDir, runDir), "system", "service", "--time=0", `unix://${api.socket}`],
    {
      env: { ...childEnvironment(), CONTAINERS_CONF: writeEngineConf(runDir) },
      // The monitor of each container leaves a file "oom" where it was started from.
      cwd: runDir,
      stdin: "ignore",
      stdout: "ignore",
      stderr: Bun.file(join(runDir, "service.log")),
      // Machines outlive a server that is killed, and so does the service that knows them.
      detached: true,
    },
  );
  child.unref();
  writeFileSync(join(runDir, "service.pid"), String(child.pid));
  await untilAnswers(api, clock, child, runDir);
}

/**
 * Podman keeps the monitor of every exec for five minutes, as Docker keeps its exit code. We ask for it at once, and each
 * terminal and each look at a starting machine is an exec.
 */
function writeEngineConf(runDir: string): string {
  const file = join(runDir, "containers.conf");
  writeFileSync(file, "[engine]\nexit_command_delay = 5\n");
  return file;
}

async function untilAnswers(
  api: EngineApi,
  clock: Clock,
  child: Bun.Subprocess,
  runDir: string,
): Promise<void> {
  const deadlineMs = clock.now() + START_MS;
  while (!(await api.ping())) {
    if (child.exitCode !== null || clock.now() > deadlineMs) {
      const detail = readFileSync(join(runDir, "service.log"), "utf8").slice(-2_000);
      throw new AppError("driver_failed", "Podman's service did not start", { detail });
    }
    await Bun.sleep(LOOK_MS);
  }
}

/** Only the process that was written down, and only while it still is that service. */
async function endService(runDir: string): Promise<void> {
  const pid = Number(readFileSync(join(runDir, "service.pid"), "utf8"));
  const isOurs = () => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(join(runDir, "engine.sock"));
    } catch {
      return false;
    }
  };
  if (!isOurs()) return;
  process.kill(pid, "SIGTERM");
  for (let looks = 0; looks < 50 && isOurs(); looks++) await Bun.sleep(LOOK_MS);
}

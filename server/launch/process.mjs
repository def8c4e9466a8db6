/** Child processes of the launcher: quiet ones, whose output only matters when they fail, and the one it becomes. */
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const projectDir = fileURLToPath(new URL("../..", import.meta.url));

/** A failure whose message is for the person who started us: shown as it is, without a stack. */
export class LaunchError extends Error {}

/** Runs a step to its end; what it printed is shown only when it fails. */
export function runStep(what, command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: projectDir,
    encoding: "utf8",
    // npm prints to both; a megabyte is more than anybody reads.
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
    ...options,
  });
  if (result.status === 0) return result.stdout;
  const reason = result.error ? result.error.message : `${result.stdout}${result.stderr}`.trim();
  throw new LaunchError(`${what} failed.\n${reason}`);
}

/** Ctrl-C reaches the whole foreground group by itself; a second copy would only hurry the child. */
const forwarded = process.stdin.isTTY ? ["SIGTERM", "SIGHUP"] : ["SIGTERM", "SIGHUP", "SIGINT"];

/** Becomes `command`: its terminal, its signals, its exit code. Resolves with the exit code. */
export function become(command, args, env = process.env) {
  const child = spawn(command, args, { cwd: projectDir, stdio: "inherit", env });
  for (const signal of ["SIGINT", ...forwarded])
    process.on(signal, () => {
      if (forwarded.includes(signal)) child.kill(signal);
    });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (signal === null) return resolve(code ?? 1);
      for (const name of ["SIGINT", ...forwarded]) process.removeAllListeners(name);
      process.kill(process.pid, signal);
    });
  });
}

/** Runs the launcher and turns its end into an exit code and, for a failure, into plain lines. */
export async function main(work) {
  try {
    process.exitCode = await work();
  } catch (error) {
    console.error(error instanceof LaunchError ? error.message : error);
    process.exitCode = 1;
  }
}

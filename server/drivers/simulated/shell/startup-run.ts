/** Runs a start-up script on a simulated machine as root, without a terminal. */
import { Bash, defineCommand } from "just-bash";
import type { StartupOutput } from "../../startup-script.ts";
import type { Guest } from "../guest.ts";
import { commandsOf } from "./commands.ts";
import type { GuestDisk } from "./guest-disk.ts";
import { INTERPRETER_LIMITS } from "./simulated-shell.ts";

const ROOT_PID = 700;
const ENVIRONMENT = {
  HOME: "/root",
  USER: "root",
  LOGNAME: "root",
  PWD: "/root",
  SHELL: "/bin/bash",
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
};

export interface StartupScript {
  readonly guest: Guest;
  readonly disk: GuestDisk;
  readonly script: string;
  readonly output: StartupOutput;
  readonly signal: AbortSignal;
}

export async function runStartupScript(run: StartupScript): Promise<number> {
  const { guest, disk, script, output, signal } = run;
  disk.refresh();
  const size = () => ({ cols: 80, rows: 24 });
  const asRoot = ["whoami", "id"].map((name) =>
    defineCommand(name, async (args) => ({
      stdout: name === "whoami" ? "root\n" : args.includes("-u") ? "0\n" : "uid=0(root) gid=0(root)\n",
      stderr: "",
      exitCode: 0,
    })),
  );
  const bash = new Bash({
    fs: disk.fs,
    cwd: "/root",
    env: ENVIRONMENT,
    customCommands: [...commandsOf({ guest, pid: ROOT_PID, size }), ...asRoot],
    // Its hardening patches internals of Node that Bun does not have.
    defenseInDepth: false,
    executionLimitProfile: "hardened",
    executionLimits: INTERPRETER_LIMITS,
    processInfo: { pid: ROOT_PID, ppid: 1, uid: 0, gid: 0 },
  });
  // Both streams in one, in the order they were written.
  const result = await bash
    .exec(`exec 2>&1\n${script}`, {
      env: ENVIRONMENT,
      replaceEnv: true,
      cwd: "/root",
      signal,
      rawScript: true,
    })
    .catch((error: unknown) => ({
      stdout: "",
      stderr: `bash: ${error instanceof Error ? error.message : "the script could not be run"}`,
      exitCode: 2,
    }));
  signal.throwIfAborted();
  const text = `${result.stdout}${result.stderr}`.trimEnd();
  if (text !== "") for (const line of text.split("\n")) output.line("info", line);
  await disk.save();
  return result.exitCode;
}

/** Runs one Vagrant command in the folder of a VM: lines for people, steps, and one plain sentence when it fails. */
import { rm } from "node:fs/promises";
import type { Clock } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import { explainFailure } from "../virsh/explain-failure.ts";
import type { DriverRun } from "../vm-driver.ts";
import { addPrinted, failureText, nothingPrinted, withoutBacktrace } from "./failure-text.ts";
import { noteWorker } from "./leftover-worker.ts";
import { machinePaths } from "./machine-folder.ts";
import { milestoneOf, parseVagrantLine } from "./machine-output.ts";
import { runReported } from "../run-process.ts";

export interface VagrantPlace {
  /** Boxes and the machine index of this installation alone. */
  readonly vagrantHome: string;
  readonly uri: string;
  readonly clock: Clock;
}

export function vagrantEnv({ vagrantHome, uri }: VagrantPlace): Record<string, string | undefined> {
  const inherited = ["PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "http_proxy", "https_proxy", "no_proxy"];
  return {
    ...Object.fromEntries(inherited.map((name) => [name, process.env[name]])),
    LC_ALL: "C.UTF-8",
    VAGRANT_HOME: vagrantHome,
    VAGRANT_CHECKPOINT_DISABLE: "1",
    VAGRANT_NO_COLOR: "1",
    VAGRANT_DEFAULT_PROVIDER: "libvirt",
    VAGRANT_DISABLE_VBOXSYMLINKCREATE: "1",
    LIBVIRT_DEFAULT_URI: uri,
  };
}

export async function runVagrant(
  place: VagrantPlace,
  folder: string,
  argv: readonly string[],
  run: DriverRun,
): Promise<void> {
  let failure: { readonly errorClass: string; readonly message: string } | null = null;
  let printed = nothingPrinted;
  let noted: Promise<void> = Promise.resolve();
  const say = (stream: "info" | "error", text: string) => {
    printed = addPrinted(printed, stream, text);
    for (const line of text.split("\n")) run.output(stream, line);
    const milestone = milestoneOf(text);
    if (milestone) run.step(milestone.step, milestone.progress);
  };
  const exitCode = await runReported(run, {
    argv: ["vagrant", ...argv, "--machine-readable", "--no-color"],
    cwd: folder,
    env: vagrantEnv(place),
    signal: run.signal,
    clock: place.clock,
    onStart: (pid) => {
      noted = noteWorker(folder, pid);
    },
    onLine(stream, line) {
      if (stream === "stderr") return say("error", line);
      const parsed = parseVagrantLine(line);
      if (parsed.kind === "text") say(parsed.stream, parsed.text);
      if (parsed.kind === "failure") failure = parsed;
    },
  });
  await noted;
  await rm(machinePaths(folder).worker, { force: true });
  if (exitCode !== 0) throw failureOf(argv, exitCode, failure, failureText(printed));
}

function failureOf(
  argv: readonly string[],
  exitCode: number,
  failure: { readonly errorClass: string; readonly message: string } | null,
  text: string,
): AppError {
  const printed = failure ? `${failure.errorClass}: ${withoutBacktrace(failure.message).trim()}` : text;
  const sentence =
    printed === ""
      ? "Vagrant ended without saying why; it may have been killed."
      : explainFailure(failure?.errorClass ?? null, printed);
  return new AppError("driver_failed", sentence, {
    detail: `vagrant ${argv.join(" ")} ended with code ${exitCode}\n${printed}`,
  });
}

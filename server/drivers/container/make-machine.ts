/** Making a container machine, waiting until its shell answers, and undoing it when it fails. */
import { AppError } from "../../core/errors.ts";
import { abortError, pause, withDeadline } from "../deadline.ts";
import { createStartupOutput } from "../startup-script.ts";
import type { CreatedVm, DriverRun, StartupResult, VmMachine, VmRef } from "../vm-driver.ts";
import { addressOf, createContainer, needContainer, removeContainer } from "./containers.ts";
import type { EngineHost } from "./engine-host.ts";
import { runInside } from "./exec.ts";
import { dropImage, tagsOf } from "./images.ts";
import type { MachineInfo } from "./machine-folder.ts";
import { containerName, vmRepository } from "./names.ts";

const READY = { ms: 60_000, message: "The machine did not answer within a minute" };
const LOOK_MS = 100;
/** It may install things; what takes longer belongs in the background. */
const STARTUP = { ms: 10 * 60_000, message: "The start-up script did not end within 10 minutes" };
const STARTUP_FILE = "/root/start-up-script";
/** The script comes as a variable, so that no shell ever reads it as words. */
const STARTUP_COMMAND = `umask 077; printf '%s' "$SCRIPT" > ${STARTUP_FILE} && chmod 700 ${STARTUP_FILE} && unset SCRIPT && exec ${STARTUP_FILE}`;

export function infoOf(machine: VmMachine): MachineInfo {
  const { vmId, ownerId, name, image, ramMb, cpuCores, diskGb, sshKeys } = machine;
  return {
    driver: "container",
    ...{ vmId, ownerId, name, ramMb, cpuCores, diskGb },
    image: image.id,
    sshUser: image.sshUser,
    sshKeys: [...sshKeys],
  };
}

/** `imageOf` gives the image to start from; it is asked once the folder says whose machine this is. */
export async function makeMachine(
  host: EngineHost,
  machine: VmMachine,
  run: DriverRun,
  imageOf: () => Promise<string>,
): Promise<CreatedVm> {
  const info = infoOf(machine);
  if (run.signal.aborted) throw abortError(run.signal, null);
  await refuseTaken(host, machine);
  host.folders.save(info);
  try {
    const image = await imageOf();
    run.step("Making the container", 0.3);
    await createContainer(host, info, image, run);
    const ip = await bootMachine(host, info, run);
    const startup = await runStartup(host, info, machine.startupScript, run);
    run.step("The machine is running", 1);
    run.output("info", `${info.name} is running${ip === null ? "" : ` at ${ip}`}`);
    return { ip, startup };
  } catch (error) {
    await wipe(host, machine, { ...run, signal: new AbortController().signal });
    throw run.signal.aborted ? abortError(run.signal, error) : error;
  }
}

async function refuseTaken(host: EngineHost, machine: VmMachine): Promise<void> {
  const path = `/containers/${containerName(host.instance, machine)}/json`;
  const taken = await host.api
    .call({ method: "GET", path })
    .then(() => true)
    .catch((error: unknown) => {
      if (error instanceof AppError && error.code === "not_found") return false;
      throw error;
    });
  if (taken || host.folders.exists(machine))
    throw new AppError("conflict", `A machine named ${machine.name} is already there`);
}

/** Starts the container and waits for a shell; resolves with its address. */
export async function bootMachine(
  host: EngineHost,
  info: MachineInfo,
  run: DriverRun,
): Promise<string | null> {
  const name = containerName(host.instance, info);
  run.step("Starting", 0.5);
  await host.api.call({ method: "POST", path: `/containers/${name}/start`, run });
  run.step("Waiting for its shell", 0.7);
  await withDeadline(run, host.clock, READY, async (bounded) => {
    while (!(await answers(host, info))) await pause(host.clock, LOOK_MS, bounded.signal);
  });
  await writeSshKeys(host, info);
  return addressOf(await needContainer(host, info));
}

async function answers(host: EngineHost, info: MachineInfo): Promise<boolean> {
  const container = containerName(host.instance, info);
  const { exitCode } = await runInside(host.api, { container, argv: ["true"], user: info.sshUser });
  return exitCode === 0;
}

/** The keys travel in an environment variable, so that no shell ever reads them as words. */
export async function writeSshKeys(host: EngineHost, info: MachineInfo): Promise<void> {
  const home = `/home/${info.sshUser}`;
  const script = `umask 077; mkdir -p ${home}/.ssh && printf '%s' "$KEYS" > ${home}/.ssh/authorized_keys.new && mv ${home}/.ssh/authorized_keys.new ${home}/.ssh/authorized_keys`;
  const { exitCode, output } = await runInside(host.api, {
    container: containerName(host.instance, info),
    argv: ["sh", "-c", script],
    user: info.sshUser,
    env: [`KEYS=${info.sshKeys.map((key) => `${key}\n`).join("")}`],
  });
  if (exitCode !== 0)
    throw new AppError("driver_failed", "The SSH keys could not be put into the machine", { detail: output });
}

/** Rejects only when the whole run was aborted: whatever becomes of the script, the machine stays. */
async function runStartup(
  host: EngineHost,
  info: MachineInfo,
  script: string | null,
  run: DriverRun,
): Promise<StartupResult | null> {
  if (script === null) return null;
  run.step("Running the start-up script", 0.9);
  const output = createStartupOutput(run);
  const lines = createLineSink((line) => output.line("info", line));
  const request = {
    container: containerName(host.instance, info),
    argv: ["sh", "-c", STARTUP_COMMAND],
    user: "root",
    env: [`SCRIPT=${script}`],
    workingDir: "/root",
  };
  try {
    const { exitCode } = await withDeadline(run, host.clock, STARTUP, (timed) =>
      runInside(host.api, request, { run: timed, timeoutMs: STARTUP.ms * 2, onText: lines.take }),
    );
    lines.end();
    return { exitCode, output: output.text() };
  } catch (error) {
    if (run.signal.aborted) throw error;
    lines.end();
    output.line("error", error instanceof AppError ? error.message : "The script could not be run");
    return { exitCode: null, output: output.text() };
  }
}

/** Pieces of text in, whole lines out. */
function createLineSink(onLine: (line: string) => void): { take(text: string): void; end(): void } {
  let rest = "";
  return {
    take(text) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
    },
    end() {
      if (rest !== "") onLine(rest);
      rest = "";
    },
  };
}

/** Container, images and folder of a VM; nothing there is fine. */
export async function wipe(host: EngineHost, ref: VmRef, run: DriverRun): Promise<void> {
  await removeContainer(host, ref, run);
  const repository = vmRepository(host.instance, ref);
  for (const tag of await tagsOf(host, ref)) await dropImage(host, `${repository}:${tag}`, run);
  host.folders.remove(ref);
}

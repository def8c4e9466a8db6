/** Makes a VM by `vagrant up`; whatever goes wrong on the way, nothing of it is left. */
import { join } from "node:path";
import { AppError } from "../../core/errors.ts";
import type { CreatedVm, DriverRun, VmMachine } from "../vm-driver.ts";
import { reportsOf, withDeadline } from "../deadline.ts";
import { destroyLeftovers } from "./destroy-machine.ts";
import { type Host, type Located, locate } from "./host.ts";
import { closePublishedDoors, writeKeys } from "./guest-commands.ts";
import type { InstalledBox } from "./images/index.ts";
import {
  folderExists,
  type MachineData,
  machinePaths,
  makeFolder,
  writeMachineData,
} from "./machine-folder.ts";
import { domainPrefix, domainTitle } from "./names.ts";
import { runVagrant } from "./run-vagrant.ts";
import { type SshTarget, untilReachable } from "./ssh.ts";
import { runStartupScript } from "./startup-run.ts";

const CREATE_DEADLINE = { ms: 300_000, message: "The VM was not ready within 5 minutes" };
/** A whole system takes half a minute to boot under emulation, and ten times that on a busy host. */
const WHOLE_SYSTEM_DEADLINE = { ms: 900_000, message: "The VM was not ready within 15 minutes" };
/** Vagrant's own limit stays below ours, so that its words are the ones that are shown. */
const BOOT_MARGIN_SECONDS = 60;

const deadlineFor = ({ image }: VmMachine) => (image.id === "lab" ? CREATE_DEADLINE : WHOLE_SYSTEM_DEADLINE);
/** How often the guest tells libvirt its memory figures, seconds: the rhythm of the VM metrics. */
const MEMORY_REPORT_PERIOD = "2";

export function createMachine(host: Host, machine: VmMachine, run: DriverRun): Promise<CreatedVm> {
  const place = locate(host, machine);
  return host.turns.ofMachine(place.domain, run, async () => {
    await assertFree(host, place);
    return orUndo(host, place, run, async () => {
      // The deadline counts from its own turn: a whole class may press the button at once.
      const target = await host.turns.ofHost(run, () =>
        withDeadline(run, host.clock, deadlineFor(machine), (timed) => make(host, place, machine, timed)),
      );
      return finish(host, target, machine, run);
    });
  });
}

/** The script has a deadline of its own, and holds up nobody else's boot. */
export async function finish(
  host: Host,
  target: SshTarget,
  { startupScript }: VmMachine,
  run: DriverRun,
): Promise<CreatedVm> {
  const startup = startupScript === null ? null : await runStartupScript(host, target, startupScript, run);
  run.step("Ready", 1);
  return { ip: target.ip, startup };
}

export async function assertFree(host: Host, place: Located): Promise<void> {
  const { domain, folder } = place;
  const owner = await host.domains.ownership(domain);
  if (owner === "foreign")
    throw new AppError(
      "conflict",
      "A machine of that name, which this cloud did not make, exists on the host",
      { field: "name", detail: domain },
    );
  if (owner === "ours") throw new AppError("conflict", "A VM of that name exists already", { field: "name" });
  // Without a domain a folder is what a crash left in mid-create.
  if (await folderExists(folder)) await destroyLeftovers(host, place, { mayAppear: true });
}

/** Rejects as `work` does, with all that it made removed. */
export async function orUndo<T>(
  host: Host,
  place: Located,
  run: DriverRun,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    reportsOf(run).output("info", "Removing what was made so far");
    await destroyLeftovers(host, place, { mayAppear: true }).catch((left: unknown) => {
      host.log.error({ err: left, domain: place.domain }, "a failed create left something behind");
    });
    throw error;
  }
}

async function make(host: Host, place: Located, machine: VmMachine, run: DriverRun): Promise<SshTarget> {
  const { domain, folder } = place;
  run.step("Preparing the image", 0.02);
  const box = await host.boxes.prepareBox(machine.image, run);
  run.signal.throwIfAborted();
  run.step("Preparing the machine's folder", 0.1);
  const publicKey = await makeFolder(folder, domain, machine, run);
  const data = machineData(host, place, machine, box, publicKey);
  await writeMachineData(folder, data);
  await runVagrant(host.place, folder, ["up", "--provider", "libvirt", "--no-destroy-on-error"], run);
  if ((await host.domains.ownership(domain)) !== "ours")
    throw new AppError(
      "driver_failed",
      "Vagrant reported success, but the machine does not exist on the host",
      { detail: domain },
    );
  const identityFile = box.firstKey === "insecure-key" ? insecureKey(host) : undefined;
  const target = await enter(host, place, { user: box.sshUser, identityFile }, run);
  if (identityFile !== undefined) await closePublishedDoors({ ...target, identityFile }, machine.name, run);
  if (identityFile !== undefined || machine.sshKeys.length > 0)
    await writeKeys({ ...target, ...(identityFile !== undefined && { identityFile }) }, machine.sshKeys, run);
  // From now on its own key; the folder says so to later runs of Vagrant.
  await writeMachineData(folder, { ...data, privateKeyPath: machinePaths(folder).key });
  run.signal.throwIfAborted();
  return target;
}

const insecureKey = (host: Host): string => join(host.place.vagrantHome, "insecure_private_key");

/** Waits for the guest and takes its host key as the one to trust; sets up how it reports its memory. */
export async function enter(
  host: Host,
  { domain, folder }: Located,
  login: { readonly user: string; readonly identityFile: string | undefined },
  run: DriverRun,
): Promise<SshTarget> {
  run.step("Pinning its host key", 0.95);
  const { user, identityFile } = login;
  const own = { folder, domain, user };
  const first = identityFile === undefined ? own : { ...own, identityFile };
  const ip = await untilReachable(() => host.domains.ip(domain), first, "pin", {
    clock: host.clock,
    signal: run.signal,
  });
  const period = ["--period", MEMORY_REPORT_PERIOD, "--live", "--config"];
  await host.domains.virsh.ask("dommemstat", domain, ...period);
  return { ...own, ip };
}

export function machineData(
  host: Host,
  { folder, ref }: Located,
  machine: VmMachine,
  box: InstalledBox,
  publicKey: string,
): MachineData {
  const emulated = host.domainType === "qemu";
  return {
    name: ref.name,
    box: box.name,
    sshUser: box.sshUser,
    sshShell: box.sshShell,
    bootTimeoutSeconds: deadlineFor(machine).ms / 1000 - BOOT_MARGIN_SECONDS,
    privateKeyPath: box.firstKey === "insecure-key" ? null : machinePaths(folder).key,
    uri: host.place.uri,
    domainType: host.domainType,
    domainPrefix: domainPrefix(host.instance, ref),
    title: domainTitle(host.instance, ref),
    ramMb: machine.ramMb,
    cpuCores: machine.cpuCores,
    diskGb: machine.diskGb,
    // Under KVM what the probe has booted with; under emulation a plain model, the only kind that is quick.
    cpuMode: emulated ? "custom" : "host-passthrough",
    cpuModel: emulated ? "qemu64" : null,
    kernelPath: box.kernel?.kernelPath ?? null,
    initrdPath: box.kernel?.initrdPath ?? null,
    kernelCommandLine: box.kernel && commandLine(box.kernel.arguments, ref.name, publicKey),
  };
}

/** The guest takes its name and our key from there, at every boot. */
export const commandLine = (before: string, name: string, publicKey: string): string =>
  `${before} twarga.name=${name} twarga.key=${publicKey}`;

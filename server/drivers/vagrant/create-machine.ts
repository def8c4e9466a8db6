/** Makes a VM by `vagrant up`; whatever goes wrong on the way, nothing of it is left. */
import { AppError } from "../../core/errors.ts";
import type { DriverRun, VmMachine } from "../vm-driver.ts";
import { reportsOf, withDeadline } from "../deadline.ts";
import { destroyLeftovers } from "./destroy-machine.ts";
import { type Host, type Located, locate } from "./host.ts";
import type { InstalledBox } from "./lab-box.ts";
import {
  folderExists,
  type MachineData,
  machinePaths,
  makeFolder,
  writeMachineData,
} from "./machine-folder.ts";
import { domainPrefix, domainTitle } from "./names.ts";
import { runVagrant } from "./run-vagrant.ts";
import { untilReachable } from "./ssh.ts";

const CREATE_DEADLINE = { ms: 300_000, message: "The VM was not ready within 5 minutes" };
/** Vagrant's own limit stays below ours, so that its words are the ones that are shown. */
const BOOT_TIMEOUT_SECONDS = 240;
/** How often the guest tells libvirt its memory figures, seconds: the rhythm of the VM metrics. */
const MEMORY_REPORT_PERIOD = "2";

export function createMachine(host: Host, machine: VmMachine, run: DriverRun): Promise<{ ip: string }> {
  const place = locate(host, machine);
  return host.turns.ofMachine(place.domain, run, async () => {
    await assertFree(host, place);
    // The deadline counts from its own turn: a whole class may press the button at once.
    return host.turns.ofHost(run, () =>
      withDeadline(run, host.clock, CREATE_DEADLINE, (timed) => makeOrUndo(host, place, machine, timed)),
    );
  });
}

async function assertFree(host: Host, place: Located): Promise<void> {
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
  if (await folderExists(folder)) await destroyLeftovers(host, place);
}

async function makeOrUndo(
  host: Host,
  place: Located,
  machine: VmMachine,
  run: DriverRun,
): Promise<{ ip: string }> {
  try {
    return await make(host, place, machine, run);
  } catch (error) {
    reportsOf(run).output("info", "Removing what was made so far");
    await destroyLeftovers(host, place).catch((left: unknown) => {
      host.log.error({ err: left, domain: place.domain }, "a failed create left something behind");
    });
    throw error;
  }
}

async function make(host: Host, place: Located, machine: VmMachine, run: DriverRun): Promise<{ ip: string }> {
  const { domain, folder } = place;
  run.step("Preparing the image", 0.02);
  const box = await host.installBox(run);
  run.signal.throwIfAborted();
  run.step("Preparing the machine's folder", 0.1);
  const publicKey = await makeFolder(folder, domain, machine);
  await writeMachineData(folder, machineData(host, place, machine, box, publicKey));
  await runVagrant(host.place, folder, ["up", "--provider", "libvirt", "--no-destroy-on-error"], run);
  if ((await host.domains.ownership(domain)) !== "ours")
    throw new AppError(
      "driver_failed",
      "Vagrant reported success, but the machine does not exist on the host",
      { detail: domain },
    );

  run.step("Pinning its host key", 0.95);
  const findIp = () => host.domains.ip(domain);
  const ip = await untilReachable(findIp, { folder, domain }, "pin", {
    clock: host.clock,
    signal: run.signal,
  });
  await host.domains.virsh.ask("dommemstat", domain, "--period", MEMORY_REPORT_PERIOD, "--live", "--config");
  run.signal.throwIfAborted();
  run.step("Ready", 1);
  return { ip };
}

function machineData(
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
    bootTimeoutSeconds: BOOT_TIMEOUT_SECONDS,
    privateKeyPath: machinePaths(folder).key,
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
    kernelPath: box.kernelPath,
    initrdPath: box.initrdPath,
    kernelCommandLine: `console=ttyS0 quiet twarga.name=${ref.name} twarga.key=${publicKey}`,
  };
}

/** Makes a VM with the disk of another, or of one of its snapshots. By libvirt: Vagrant makes disks from boxes only. */
import { rm, writeFile } from "node:fs/promises";
import { AppError } from "../../core/errors.ts";
import { withDeadline } from "../deadline.ts";
import { cloneXml } from "../virsh/domain-xml.ts";
import type { CreatedVm, DriverRun, VmMachine, VmRef } from "../vm-driver.ts";
import { copyDisk, copySnapshot, type DiskCopy } from "./copy-disk.ts";
import { assertFree, commandLine, enter, finish, orUndo } from "./create-machine.ts";
import { giveNewIdentity, writeKeys } from "./guest-commands.ts";
import { type Host, type Located, locate } from "./host.ts";
import {
  type MachineData,
  machinePaths,
  makeFolder,
  readMachineData,
  writeMachineData,
} from "./machine-folder.ts";
import { domainPrefix, domainTitle, volumeName } from "./names.ts";
import { ownState } from "./power-machine.ts";
import { reportedVirsh } from "./reported-virsh.ts";
import { checkSnapshotName, snapshotNames } from "./snapshot-list.ts";
import type { SshTarget } from "./ssh.ts";
import { POOL } from "./storage-and-network.ts";

const CLONE_DEADLINE = { ms: 600_000, message: "The copy was not ready within 10 minutes" };

export function cloneMachine(
  host: Host,
  sourceRef: VmRef,
  snapshot: string | null,
  machine: VmMachine,
  run: DriverRun,
): Promise<CreatedVm> {
  const [source, place] = [locate(host, sourceRef), locate(host, machine)];
  if (snapshot !== null) checkSnapshotName(snapshot);
  return host.turns.ofMachine(place.domain, run, async () => {
    await assertFree(host, place);
    return orUndo(host, place, run, async () => {
      const target = await withDeadline(run, host.clock, CLONE_DEADLINE, async (timed) => {
        const data = await host.turns.ofMachine(source.domain, timed, () =>
          copyMachine(host, { source, place, snapshot }, machine, timed),
        );
        return host.turns.ofHost(timed, () => boot(host, { source, place }, machine, data, timed));
      });
      return finish(host, target, machine, run);
    });
  });
}

/** Alone with the source: its disk as it is, a folder and a domain of the copy's own. */
async function copyMachine(
  host: Host,
  copy: DiskCopy,
  machine: VmMachine,
  run: DriverRun,
): Promise<MachineData> {
  const { source, place, snapshot } = copy;
  const state = await ownState(host, source);
  const of = await readMachineData(source.folder);
  if (machine.diskGb < of.diskGb)
    throw new AppError("invalid_input", "A disk cannot become smaller", { field: "diskGb" });
  const isOff = state === "stopped" || state === "crashed";
  if (snapshot === null && !isOff)
    throw new AppError("conflict", "The VM has to be stopped before it can be copied");
  if (snapshot !== null && !(await snapshotNames(host, source.domain)).includes(snapshot))
    throw new AppError("not_found", "The snapshot does not exist on the host");

  run.step("Preparing the machine's folder", 0.05);
  const publicKey = await makeFolder(place.folder, place.domain, machine, run);
  const data = dataOfCopy(host, place, machine, of, publicKey);
  await writeMachineData(place.folder, data);
  run.step("Copying the disk", 0.1);
  if (snapshot === null) await copyDisk(host, copy, run);
  else await copySnapshot(host, { ...copy, snapshot }, isOff, () => define(host, copy, data, run), run);
  run.signal.throwIfAborted();
  const virsh = reportedVirsh(host, run);
  if (machine.diskGb > of.diskGb)
    await virsh.run("vol-resize", "--pool", POOL, volumeName(place.domain), `${machine.diskGb}G`);
  if (snapshot === null) await define(host, copy, data, run);
  return data;
}

function dataOfCopy(
  host: Host,
  { folder, ref }: Located,
  machine: VmMachine,
  of: MachineData,
  publicKey: string,
): MachineData {
  const { ramMb, cpuCores, diskGb } = machine;
  const before = of.kernelCommandLine?.split(" twarga.name=")[0];
  return {
    ...of,
    ...{ name: ref.name, ramMb, cpuCores, diskGb },
    privateKeyPath: machinePaths(folder).key,
    domainPrefix: domainPrefix(host.instance, ref),
    title: domainTitle(host.instance, ref),
    kernelCommandLine: before === undefined ? null : commandLine(before, ref.name, publicKey),
  };
}

async function define(
  host: Host,
  { source, place }: Pick<DiskCopy, "source" | "place">,
  data: MachineData,
  run: DriverRun,
): Promise<void> {
  const { virsh } = host.domains;
  run.step("Defining the machine", 0.4);
  const [original, diskPath] = await Promise.all([
    virsh.run("dumpxml", source.domain, "--inactive"),
    virsh.run("vol-path", "--pool", POOL, volumeName(place.domain)),
  ]);
  const { title, kernelCommandLine, ramMb, cpuCores } = data;
  const { xml } = machinePaths(place.folder);
  const changes = { domain: place.domain, title, kernelCommandLine, ramMb, cpuCores };
  await writeFile(xml, cloneXml(original, { ...changes, diskPath: diskPath.trim() }));
  await reportedVirsh(host, run).run("define", xml);
}

async function boot(
  host: Host,
  { source, place }: Pick<DiskCopy, "source" | "place">,
  machine: VmMachine,
  data: MachineData,
  run: DriverRun,
): Promise<SshTarget> {
  run.step("Switching it on", 0.5);
  await reportedVirsh(host, run).run("start", place.domain);
  run.step("Booting, waiting for SSH", 0.6);
  // Where the kernel's command line brings no key, the copy still admits the source's.
  const identityFile = data.kernelCommandLine === null ? machinePaths(source.folder).key : undefined;
  const login = { user: data.sshUser, identityFile };
  const first = await enter(host, place, login, run);
  run.step("Giving it an identity of its own", 0.96);
  const target = identityFile === undefined ? first : { ...first, identityFile };
  await writeKeys(target, machine.sshKeys, run);
  await giveNewIdentity(first, machine.name, run);
  await rm(machinePaths(place.folder).knownHosts, { force: true });
  return enter(host, place, { ...login, identityFile: undefined }, run);
}

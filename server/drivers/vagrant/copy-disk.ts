/** Copies the disk of a VM, or of one of its snapshots, into a volume of its own. */
import { rm, writeFile } from "node:fs/promises";
import { diskSnapshotXml } from "../virsh/domain-xml.ts";
import type { DriverRun } from "../vm-driver.ts";
import type { Host, Located } from "./host.ts";
import { machinePaths, readMachineData } from "./machine-folder.ts";
import { volumeName } from "./names.ts";
import { reportedVirsh } from "./reported-virsh.ts";
import { snapshotNames } from "./snapshot-list.ts";
import { POOL } from "./storage-and-network.ts";

export interface DiskCopy {
  readonly source: Located;
  readonly place: Located;
  readonly snapshot: string | null;
}

/** Of a VM that is off. The copy is as small as its content and lies on the same box. */
export async function copyDisk(host: Host, { source, place }: DiskCopy, run: DriverRun): Promise<void> {
  const [from, to] = [volumeName(source.domain), volumeName(place.domain)];
  await reportedVirsh(host, run).run("vol-clone", "--pool", POOL, from, to);
}

/**
 * libvirt copies no single snapshot, so the whole disk is copied with all of them, and the copy goes back to the one.
 * `define` makes the domain of the copy, by which libvirt finds its disk.
 */
export async function copySnapshot(
  host: Host,
  copy: DiskCopy & { readonly snapshot: string },
  isOff: boolean,
  define: () => Promise<void>,
  run: DriverRun,
): Promise<void> {
  const { source, place, snapshot } = copy;
  const virsh = reportedVirsh(host, run);
  const [from, to] = [volumeName(source.domain), volumeName(place.domain)];
  const { diskCopy, xml } = machinePaths(place.folder);
  const { diskGb } = await readMachineData(source.folder);
  const names = await snapshotNames(host, source.domain);
  // A QEMU that stands still has written down all it had in mind about its disk.
  if (!isOff) await virsh.run("suspend", source.domain);
  try {
    await virsh.run("vol-download", "--pool", POOL, "--sparse", from, diskCopy);
  } finally {
    if (!isOff) await virsh.run("resume", source.domain);
  }
  run.signal.throwIfAborted();
  await virsh.run("vol-create-as", POOL, to, `${diskGb}G`, "--format", "qcow2");
  await virsh.run("vol-upload", "--pool", POOL, "--sparse", to, diskCopy);
  await rm(diskCopy, { force: true });
  run.signal.throwIfAborted();
  await define();
  const definition = await host.domains.virsh.run("dumpxml", place.domain, "--inactive");
  for (const [age, name] of names.entries()) {
    await writeFile(xml, diskSnapshotXml(name, Math.floor(host.clock.now() / 1_000) + age, definition));
    await virsh.run("snapshot-create", place.domain, xml, "--redefine");
  }
  await virsh.run("snapshot-revert", place.domain, snapshot);
  for (const name of names) await virsh.run("snapshot-delete", place.domain, name);
}

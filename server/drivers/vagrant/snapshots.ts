/** Snapshots inside the VM's own disk, taken by libvirt: of a running VM with its memory, of a stopped one without. */
import { writeFile } from "node:fs/promises";
import { AppError } from "../../core/errors.ts";
import { withDeadline } from "../deadline.ts";
import { diskSnapshotXml, snapshotFacts } from "../virsh/domain-xml.ts";
import type { Virsh } from "../virsh/virsh.ts";
import type { DriverRun, VmDriver, VmRef } from "../vm-driver.ts";
import { tellTime } from "./guest-commands.ts";
import { type Host, type Located, locate } from "./host.ts";
import { machinePaths, readMachineData } from "./machine-folder.ts";
import { volumeName } from "./names.ts";
import { ownState } from "./power-machine.ts";
import { reportedVirsh } from "./reported-virsh.ts";
import { applySize } from "./resize-machine.ts";
import { checkSnapshotName, snapshotNames } from "./snapshot-list.ts";
import { untilReachable } from "./ssh.ts";
import { POOL } from "./storage-and-network.ts";

const SNAPSHOT_DEADLINE = { ms: 300_000, message: "The snapshot was not ready within 5 minutes" };
const RESTORE_DEADLINE = { ms: 300_000, message: "The VM was not back at its snapshot within 5 minutes" };
/** A guest woken from its memory answers at once, or it slept through something it cannot get over. */
const ANSWER_DEADLINE = { ms: 45_000, message: "The VM does not answer by SSH" };

type Restored = Awaited<ReturnType<VmDriver["restoreSnapshot"]>>;

function alone<T>(
  host: Host,
  ref: VmRef,
  run: DriverRun,
  deadline: typeof SNAPSHOT_DEADLINE,
  work: (place: Located, run: DriverRun) => Promise<T>,
): Promise<T> {
  const place = locate(host, ref);
  return host.turns.ofMachine(place.domain, run, () =>
    withDeadline(run, host.clock, deadline, (timed) => work(place, timed)),
  );
}

export function createSnapshot(host: Host, ref: VmRef, snapshot: string, run: DriverRun) {
  const name = checkSnapshotName(snapshot);
  return alone(host, ref, run, SNAPSHOT_DEADLINE, async (place, timed) => {
    const { domain } = place;
    await ownState(host, place);
    if ((await snapshotNames(host, domain)).includes(name))
      throw new AppError("conflict", "A snapshot of that name exists already");
    const virsh = reportedVirsh(host, timed);
    const before = await allocatedBytes(host, domain);
    timed.step("Taking the snapshot", 0.1);
    const answer = await virsh.ask("snapshot-create-as", domain, name);
    if (!answer.ok || timed.signal.aborted) {
      await virsh.ask("snapshot-delete", domain, name);
      timed.signal.throwIfAborted();
      throw new AppError("driver_failed", "The snapshot could not be taken", { detail: answer.stderr });
    }
    const grown = ((await allocatedBytes(host, domain)) ?? 0) - (before ?? 0);
    timed.step("The snapshot is ready", 1);
    // Room that an earlier snapshot had left is taken first, and then the disk does not grow.
    return { sizeBytes: before !== null && grown > 0 ? grown : null };
  });
}

async function allocatedBytes(host: Host, domain: string): Promise<number | null> {
  const answer = await host.domains.virsh.ask("vol-info", "--pool", POOL, "--bytes", volumeName(domain));
  const bytes = /Allocation:\s+(\d+)/.exec(answer.stdout)?.[1];
  return bytes === undefined ? null : Number(bytes);
}

export function restoreSnapshot(host: Host, ref: VmRef, snapshot: string, run: DriverRun): Promise<Restored> {
  const name = checkSnapshotName(snapshot);
  return alone(host, ref, run, RESTORE_DEADLINE, async (place, timed) => {
    const { domain, folder } = place;
    const state = await ownState(host, place);
    if (!(await snapshotNames(host, domain)).includes(name))
      throw new AppError("not_found", "The snapshot does not exist on the host");
    const facts = snapshotFacts(await host.domains.virsh.run("snapshot-dumpxml", domain, name));
    const size = await readMachineData(folder);
    const isSameSize = facts.ramMb === size.ramMb && facts.cpuCores === size.cpuCores;
    const virsh = reportedVirsh(host, timed);
    timed.step("Going back to the snapshot", 0.1);
    host.closeTerminals(domain);
    if (state !== "stopped" && state !== "crashed") await virsh.run("destroy", domain);
    // Memory fits only a machine of the same size.
    if (facts.running && !isSameSize) await keepDiskAlone(host, place, name, virsh);
    await virsh.run("snapshot-revert", domain, name);
    // With the disk comes the definition of that time.
    if (!isSameSize) await applySize(virsh, domain, size);
    return afterwards(host, place, timed);
  });
}

/** Describes the snapshot anew without its memory, which stays in the disk until it is deleted. */
async function keepDiskAlone(host: Host, { domain, folder }: Located, name: string, virsh: Virsh) {
  const definition = await host.domains.virsh.run("dumpxml", domain, "--inactive");
  const { xml } = machinePaths(folder);
  await writeFile(xml, diskSnapshotXml(name, Math.floor(host.clock.now() / 1_000), definition));
  await virsh.run("snapshot-delete", domain, name, "--metadata");
  await virsh.run("snapshot-create", domain, xml, "--redefine");
}

/** As libvirt says it is, whatever was expected. */
async function afterwards(host: Host, place: Located, run: DriverRun): Promise<Restored> {
  const { domain, folder } = place;
  if ((await host.domains.state(domain)) !== "running") {
    run.step("The disk is back; the VM is off", 1);
    return { state: "stopped", ip: null };
  }
  run.step("Waiting for SSH", 0.7);
  const user = await readMachineData(folder).then((data) => data.sshUser);
  try {
    const ip = await withDeadline(run, host.clock, ANSWER_DEADLINE, async (timed) => {
      const { clock } = host;
      const target = { folder, domain, user };
      const found = await untilReachable(() => host.domains.ip(domain), target, "pinned", {
        ...{ clock, signal: timed.signal },
      });
      await tellTime({ ...target, ip: found }, clock.now(), timed);
      return found;
    });
    run.step("Back, and running", 1);
    return { state: "running", ip };
  } catch (error) {
    if (run.signal.aborted) throw error;
    run.output("error", "It runs again, but does not answer by SSH yet");
    return { state: "running", ip: await host.domains.ip(domain) };
  }
}

export function deleteSnapshot(host: Host, ref: VmRef, snapshot: string, run: DriverRun): Promise<void> {
  const name = checkSnapshotName(snapshot);
  return alone(host, ref, run, SNAPSHOT_DEADLINE, async ({ domain }, timed) => {
    if ((await host.domains.ownership(domain)) !== "ours") return;
    if (!(await snapshotNames(host, domain)).includes(name)) return;
    timed.step("Deleting the snapshot", 0.1);
    await reportedVirsh(host, timed).run("snapshot-delete", domain, name);
    timed.step("Deleted", 1);
  });
}

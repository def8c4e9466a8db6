/** Gives a stopped VM other memory, cores and a larger disk; libvirt keeps them, the folder remembers them. */
import type { VmSize } from "#protocol";
import { AppError } from "../../core/errors.ts";
import { withDeadline } from "../deadline.ts";
import type { Virsh } from "../virsh/virsh.ts";
import type { DriverRun, VmRef } from "../vm-driver.ts";
import { type Host, locate } from "./host.ts";
import { readMachineData, writeMachineData } from "./machine-folder.ts";
import { volumeName } from "./names.ts";
import { ownState } from "./power-machine.ts";
import { reportedVirsh } from "./reported-virsh.ts";
import { snapshotNames } from "./snapshot-list.ts";
import { POOL } from "./storage-and-network.ts";

const RESIZE_DEADLINE = { ms: 60_000, message: "The VM could not be resized within a minute" };

export function resizeMachine(host: Host, ref: VmRef, size: VmSize, run: DriverRun): Promise<void> {
  const place = locate(host, ref);
  const { domain, folder } = place;
  return host.turns.ofMachine(domain, run, () =>
    withDeadline(run, host.clock, RESIZE_DEADLINE, async (timed) => {
      const state = await ownState(host, place);
      if (state !== "stopped" && state !== "crashed")
        throw new AppError("conflict", "The VM has to be stopped before it can be resized");
      const before = await readMachineData(folder);
      if (size.diskGb < before.diskGb)
        throw new AppError("invalid_input", "A disk cannot become smaller", { field: "diskGb" });
      const grows = size.diskGb > before.diskGb;
      // The format that Vagrant makes disks in keeps no size per snapshot.
      if (grows && (await snapshotNames(host, domain)).length > 0)
        throw new AppError("conflict", "The disk cannot grow while the VM has snapshots; delete them first", {
          field: "diskGb",
        });
      const virsh = reportedVirsh(host, timed);
      timed.step("Changing memory and cores", 0.2);
      await applySize(virsh, domain, size);
      if (grows) {
        timed.step("Growing the disk", 0.6);
        await virsh.run("vol-resize", "--pool", POOL, volumeName(domain), `${size.diskGb}G`);
      }
      const { ramMb, cpuCores, diskGb } = size;
      await writeMachineData(folder, { ...before, ramMb, cpuCores, diskGb });
      timed.step("Resized", 1);
    }),
  );
}

/** Of a machine that is off. */
export async function applySize(
  virsh: Virsh,
  domain: string,
  { ramMb, cpuCores }: Pick<VmSize, "ramMb" | "cpuCores">,
): Promise<void> {
  await virsh.run("setmaxmem", domain, `${ramMb}M`, "--config");
  await virsh.run("setmem", domain, `${ramMb}M`, "--config");
  await virsh.run("setvcpus", domain, String(cpuCores), "--maximum", "--config");
  await virsh.run("setvcpus", domain, String(cpuCores), "--config");
}

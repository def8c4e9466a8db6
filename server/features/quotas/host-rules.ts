/** Pure: whether the host's memory and disk hold one more VM. */
import type { HostCapacity } from "#protocol";
import { AppError } from "../../core/errors.ts";
import type { DiskSpace } from "./host-probe.ts";
import type { HostUse } from "./use-queries.ts";

const GB_BYTES = 1_073_741_824;

/** A tenth of the memory is the host's own, at least what a small Linux with libvirt needs, at most 4 GB. */
export function reservedMemoryMb(totalMb: number): number {
  return Math.min(4_096, Math.max(512, Math.round(totalMb / 10)));
}

/** Disks are thin and few are ever filled: twice the file system may be promised. */
export const DISK_OVERCOMMIT = 2;
/** A new disk must find room for what a system and first work write: a fifth of its size. */
export const FIRST_GROWTH = 0.2;
/** Kept free, so that the database, logs and running guests never meet a full disk. */
export const DISK_RESERVE_SHARE = 0.05;

export interface HostFacts {
  readonly memoryTotalMb: number;
  readonly cpuCores: number;
  readonly disk: DiskSpace | null;
  readonly use: HostUse;
}

const toGb = (bytes: number) => Math.round((bytes / GB_BYTES) * 10) / 10;
const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export function capacityOf({ memoryTotalMb, cpuCores, disk, use }: HostFacts): HostCapacity {
  const memoryReservedMb = reservedMemoryMb(memoryTotalMb);
  return {
    memoryTotalMb,
    memoryReservedMb,
    memoryAllocatedMb: use.memoryMb,
    memoryFreeMb: Math.max(0, memoryTotalMb - memoryReservedMb - use.memoryMb),
    cpuCores,
    cpuAllocated: use.cpuCores,
    diskTotalGb: toGb(disk?.totalBytes ?? 0),
    diskFreeGb: toGb(disk?.freeBytes ?? 0),
    diskAllocatedGb: use.diskGb,
  };
}

/** `facts.use` is without the VM itself. */
export function checkMemory(facts: HostFacts, ramMb: number): void {
  const { memoryFreeMb, memoryTotalMb, memoryReservedMb } = capacityOf(facts);
  if (ramMb <= memoryFreeMb) return;
  throw new AppError(
    "host_full",
    `The host has ${number.format(memoryFreeMb)} MB of memory left for VMs and ${number.format(ramMb)} MB are asked for (of ${number.format(memoryTotalMb)} MB, ${number.format(memoryReservedMb)} MB are kept for the host)`,
  );
}

/** `growGb`: how much more disk is promised than before. */
export function checkDisk({ disk, use }: HostFacts, totalDiskGb: number, growGb: number): void {
  if (disk === null || growGb <= 0) return;
  const promised = use.diskGb + totalDiskGb;
  const most = Math.floor(toGb(disk.totalBytes) * DISK_OVERCOMMIT);
  if (promised > most) {
    const message = `The host's disk may promise ${number.format(most)} GB to VMs; with this one it would be ${number.format(promised)} GB`;
    throw new AppError("host_full", message);
  }
  const usableGb = toGb(disk.freeBytes - disk.totalBytes * DISK_RESERVE_SHARE);
  const neededGb = growGb * FIRST_GROWTH;
  if (neededGb <= usableGb) return;
  throw new AppError(
    "host_full",
    `The host has ${number.format(Math.max(0, usableGb))} GB of disk left for VMs and this one needs ${number.format(neededGb)} GB to begin with`,
  );
}

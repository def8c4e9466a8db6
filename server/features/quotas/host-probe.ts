/** What the machine has: memory, cores, and the file systems that hold the disks of VMs. */
import { statfsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import type { Log } from "../../core/log.ts";

export interface DiskSpace {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

export interface HostProbe {
  readonly memoryTotalMb: number;
  readonly cpuCores: number;
  /** The tightest of the file systems; null when none can be read, which refuses nothing. */
  disk(): DiskSpace | null;
}

/** `diskPaths`: where disks may lie, e.g. the folder of the VMs and the storage pool; absent ones are skipped. */
export function createHostProbe(diskPaths: readonly string[], log: Log): HostProbe {
  function spaceOf(path: string): DiskSpace | null {
    try {
      const { blocks, bavail, bsize } = statfsSync(path);
      return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
    } catch (error) {
      log.debug({ err: error, path }, "no file system to look at");
      return null;
    }
  }

  return {
    memoryTotalMb: Math.floor(totalmem() / 1_048_576),
    cpuCores: availableParallelism(),
    disk() {
      const spaces = diskPaths.map(spaceOf).filter((space) => space !== null);
      return spaces.toSorted((a, b) => a.freeBytes - b.freeBytes)[0] ?? null;
    },
  };
}

/** Measures a Linux host from /proc files that stay open: no fork, no allocation of descriptors per second. */
import { closeSync, existsSync, openSync, readSync, statfsSync } from "node:fs";
import { hostSampleOf, type HostReading } from "./host-rates.ts";
import type { HostMetrics } from "./host-metrics.ts";
import { parseCpu, parseDisks, parseLoad, parseMemory, parseNetwork, parseUptime } from "./proc-parse.ts";

/** Grows when a machine has so many cores or interfaces that a file does not fit. */
const START_BUFFER_BYTES = 32 * 1024;

/** Reads a file of /proc again and again through one descriptor; some containers lack one, which reads as empty. */
export class ProcFile {
  readonly #fd: number | null;
  #buffer = Buffer.allocUnsafe(START_BUFFER_BYTES);

  constructor(path: string) {
    this.#fd = existsSync(path) ? openSync(path, "r") : null;
  }

  read(): string {
    if (this.#fd === null) return "";
    let length = 0;
    for (;;) {
      const count = readSync(this.#fd, this.#buffer, length, this.#buffer.length - length, length);
      length += count;
      // The kernel ends a read at a record, not at the end of the file: only 0 means the end.
      if (count === 0) return this.#buffer.toString("latin1", 0, length);
      if (length === this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer, Buffer.alloc(length)]);
    }
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
  }
}

export interface LinuxOptions {
  /** Another root for tests. */
  readonly procRoot?: string;
  readonly monotonicMs?: () => number;
}

export function createLinuxMetrics(home: string, options: LinuxOptions = {}): HostMetrics {
  const { procRoot = "/proc", monotonicMs = () => performance.now() } = options;
  const open = (name: string) => new ProcFile(`${procRoot}/${name}`);
  const files = {
    stat: open("stat"),
    meminfo: open("meminfo"),
    // Through the process itself: /proc/net is a link to it.
    network: open("self/net/dev"),
    disks: open("diskstats"),
    load: open("loadavg"),
    uptime: open("uptime"),
  };

  function read(): HostReading {
    return {
      monotonicMs: monotonicMs(),
      cpu: parseCpu(files.stat.read()),
      ...parseMemory(files.meminfo.read()),
      network: parseNetwork(files.network.read()),
      disks: parseDisks(files.disks.read()),
      ...parseLoad(files.load.read()),
      uptimeSeconds: parseUptime(files.uptime.read()),
      ...spaceOf(home),
    };
  }

  let before = read();
  return {
    sample(atMs) {
      const now = read();
      const sample = hostSampleOf(before, now, atMs);
      before = now;
      return sample;
    },
    dispose() {
      for (const file of Object.values(files)) file.close();
    },
  };
}

function spaceOf(path: string): { diskTotalBytes: number; diskUsedBytes: number } {
  const { blocks, bfree, bsize } = statfsSync(path);
  return { diskTotalBytes: blocks * bsize, diskUsedBytes: (blocks - bfree) * bsize };
}

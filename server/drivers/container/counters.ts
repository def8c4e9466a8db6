/** Counters of running containers, from the engine's statistics. */
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import type { VmCounters, VmRef } from "../vm-driver.ts";
import { findContainer } from "./containers.ts";
import type { EngineHost } from "./engine-host.ts";
import type { MachineInfo } from "./machine-folder.ts";
import { containerName } from "./names.ts";

const bytesOf = z.object({ op: z.string(), value: z.number() });
const stats = z.object({
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: z.number() }) }),
  memory_stats: z.object({ usage: z.number().optional(), stats: z.record(z.string(), z.number()).nullish() }),
  networks: z.record(z.string(), z.object({ rx_bytes: z.number(), tx_bytes: z.number() })).nullish(),
  blkio_stats: z.object({ io_service_bytes_recursive: z.array(bytesOf).nullish() }).nullish(),
});
const sized = z.object({ SizeRw: z.number().optional() });

/** Measuring a disk walks through all its files, so it is done rarely. */
const DISK_EVERY_MS = 60_000;

export class Sampler {
  readonly #host: EngineHost;
  readonly #disks = new Map<string, { readonly atMs: number; readonly bytes: number }>();

  constructor(host: EngineHost) {
    this.#host = host;
  }

  async sample(): Promise<readonly VmCounters[]> {
    const all = await Promise.all(this.#host.folders.loadAll().map((info) => this.#one(info)));
    return all.filter((counters) => counters !== null);
  }

  async #one(info: MachineInfo): Promise<VmCounters | null> {
    const { api, clock } = this.#host;
    try {
      const found = await findContainer(this.#host, info);
      if (!found?.State.Running) return null;
      const name = containerName(this.#host.instance, info);
      const query = { stream: false, "one-shot": true };
      const now = await api.read(stats, { method: "GET", path: `/containers/${name}/stats`, query });
      const io = now.blkio_stats?.io_service_bytes_recursive ?? [];
      const networks = Object.values(now.networks ?? {});
      const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
      return {
        ref: refOf(info),
        atMs: clock.now(),
        cpuTimeNs: now.cpu_stats.cpu_usage.total_usage,
        cpuCores: info.cpuCores,
        memoryTotalBytes: info.ramMb * 1024 ** 2,
        memoryUsedBytes: usedMemory(now.memory_stats),
        diskTotalBytes: info.diskGb * 1024 ** 3,
        diskUsedBytes: Math.min(await this.#disk(name), info.diskGb * 1024 ** 3),
        diskReadBytes: sum(io.filter(({ op }) => /^read$/i.test(op)).map(({ value }) => value)),
        diskWriteBytes: sum(io.filter(({ op }) => /^write$/i.test(op)).map(({ value }) => value)),
        networkRxBytes: sum(networks.map(({ rx_bytes }) => rx_bytes)),
        networkTxBytes: sum(networks.map(({ tx_bytes }) => tx_bytes)),
        uptimeSeconds: Math.max(0, (clock.now() - Date.parse(found.State.StartedAt)) / 1_000),
      };
    } catch (error) {
      // It may have stopped in between; zeros would be taken for facts.
      if (error instanceof AppError) return null;
      throw error;
    }
  }

  async #disk(name: string): Promise<number> {
    const known = this.#disks.get(name);
    const nowMs = this.#host.clock.now();
    if (known && nowMs - known.atMs < DISK_EVERY_MS) return known.bytes;
    const { SizeRw = 0 } = await this.#host.api.read(sized, {
      method: "GET",
      path: `/containers/${name}/json`,
      query: { size: true },
    });
    this.#disks.set(name, { atMs: nowMs, bytes: SizeRw });
    return SizeRw;
  }
}

/** Without the page cache that the kernel gives back when asked, as `docker stats` shows it. */
function usedMemory({ usage = 0, stats: parts }: z.infer<typeof stats>["memory_stats"]): number {
  const cache = parts?.["total_inactive_file"] ?? parts?.["inactive_file"] ?? 0;
  return Math.max(0, usage - cache);
}

const refOf = ({ vmId, ownerId, name }: MachineInfo): VmRef => ({ vmId, ownerId, name });

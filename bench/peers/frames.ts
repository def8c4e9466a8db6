/** The event of the fan-out, the same bytes for every server: one sample of the host, about 470 bytes. */
import type { HostSample } from "#protocol";

export function burstSample(count: number): HostSample {
  return {
    atMs: 1_795_000_000_000 + count,
    cpuPercent: 12.5,
    corePercent: [10.1, 14.9],
    load1: 0.5,
    load5: 0.4,
    load15: 0.3,
    memoryTotalBytes: 25_000_000_000,
    memoryUsedBytes: 5_000_000_000,
    swapTotalBytes: 0,
    swapUsedBytes: 0,
    diskTotalBytes: 100_000_000_000,
    diskUsedBytes: 40_000_000_000,
    diskReadBytesPerS: 1_000,
    diskWriteBytesPerS: 2_000,
    networkRxBytesPerS: 3_000,
    networkTxBytesPerS: 4_000,
    uptimeSeconds: 1_000,
  };
}

export function eventFrame(seq: number, sample: HostSample): string {
  return JSON.stringify({ t: "event", topic: "metrics.host", seq, data: { sample } });
}

/** Samples with believable values, for tests of the metrics store and of charts. */
import type { HostSample, VmSample } from "#protocol";
import { hostSample, vmSample } from "#protocol";

export function hostAt(atMs: number, over: Partial<HostSample> = {}): HostSample {
  return hostSample.parse({
    atMs,
    cpuPercent: 12.5,
    corePercent: [10, 15],
    load1: 0.4,
    load5: 0.3,
    load15: 0.2,
    memoryTotalBytes: 8 * 1024 ** 3,
    memoryUsedBytes: 2 * 1024 ** 3,
    swapTotalBytes: 0,
    swapUsedBytes: 0,
    diskTotalBytes: 100 * 1024 ** 3,
    diskUsedBytes: 40 * 1024 ** 3,
    diskReadBytesPerS: 1024,
    diskWriteBytesPerS: 2048,
    networkRxBytesPerS: 300,
    networkTxBytesPerS: 200,
    uptimeSeconds: 3600,
    ...over,
  });
}

export function vmAt(vmId: number, atMs: number, cpuPercent = 20): VmSample {
  return vmSample.parse({
    vmId,
    atMs,
    cpuPercent,
    memoryTotalBytes: 512 * 1024 ** 2,
    memoryUsedBytes: 128 * 1024 ** 2,
    diskTotalBytes: 10 * 1024 ** 3,
    diskUsedBytes: 1024 ** 3,
    diskReadBytesPerS: 0,
    diskWriteBytesPerS: 0,
    networkRxBytesPerS: 0,
    networkTxBytesPerS: 0,
    uptimeSeconds: 60,
  });
}

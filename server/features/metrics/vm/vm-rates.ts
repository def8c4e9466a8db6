/** Pure: one VM sample from two readings of the driver's counters. */
import type { VmSample } from "#protocol";
import type { VmCounters } from "../../../drivers/vm-driver.ts";
import { ratePerS, rounded, sharePercent } from "../rates.ts";

const NS_PER_MS = 1_000_000;

/** Without a reading before, all rates are 0. */
export function vmSampleOf(before: VmCounters | null, now: VmCounters): VmSample {
  // A reboot sets every counter back; differences across it mean nothing.
  const isSameBoot = before !== null && now.uptimeSeconds >= before.uptimeSeconds;
  const from = isSameBoot ? before : now;
  const elapsedMs = now.atMs - from.atMs;
  const rate = (earlier: number, later: number) => Math.round(ratePerS(earlier, later, elapsedMs));
  const cpuNs = now.cpuTimeNs - from.cpuTimeNs;
  return {
    vmId: now.ref.vmId,
    atMs: now.atMs,
    cpuPercent: rounded(sharePercent(cpuNs, elapsedMs * NS_PER_MS * now.cpuCores)),
    memoryTotalBytes: now.memoryTotalBytes,
    memoryUsedBytes: now.memoryUsedBytes,
    diskTotalBytes: now.diskTotalBytes,
    diskUsedBytes: now.diskUsedBytes,
    diskReadBytesPerS: rate(from.diskReadBytes, now.diskReadBytes),
    diskWriteBytesPerS: rate(from.diskWriteBytes, now.diskWriteBytes),
    networkRxBytesPerS: rate(from.networkRxBytes, now.networkRxBytes),
    networkTxBytesPerS: rate(from.networkTxBytes, now.networkTxBytes),
    uptimeSeconds: now.uptimeSeconds,
  };
}

/** Pure: one host sample from two readings of the counters. */
import type { HostSample } from "#protocol";
import { ratePerS, rounded, sharePercent } from "../rates.ts";
import type { CpuCounters, CpuTimes, Memory, Traffic } from "./proc-parse.ts";

export interface HostReading extends Memory {
  /** Of a clock that is never set, unlike the time of day. */
  readonly monotonicMs: number;
  readonly cpu: CpuCounters;
  readonly network: Traffic;
  readonly disks: Traffic;
  readonly load1: number;
  readonly load5: number;
  readonly load15: number;
  readonly uptimeSeconds: number;
  readonly diskTotalBytes: number;
  readonly diskUsedBytes: number;
}

export function hostSampleOf(before: HostReading, now: HostReading, atMs: number): HostSample {
  const elapsedMs = now.monotonicMs - before.monotonicMs;
  const { monotonicMs: _, cpu, network, disks, ...levels } = now;
  const rate = (from: number, to: number) => Math.round(ratePerS(from, to, elapsedMs));
  return {
    ...levels,
    atMs,
    cpuPercent: busyPercent(before.cpu.all, cpu.all),
    corePercent: cpu.cores.map((core, index) => busyPercent(before.cpu.cores[index] ?? core, core)),
    diskReadBytesPerS: rate(before.disks.inBytes, disks.inBytes),
    diskWriteBytesPerS: rate(before.disks.outBytes, disks.outBytes),
    networkRxBytesPerS: rate(before.network.inBytes, network.inBytes),
    networkTxBytesPerS: rate(before.network.outBytes, network.outBytes),
  };
}

function busyPercent(before: CpuTimes, now: CpuTimes): number {
  return rounded(sharePercent(now.busy - before.busy, now.total - before.total));
}

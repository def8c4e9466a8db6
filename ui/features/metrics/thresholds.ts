/** Where a host value starts to be a worry, as the alert rules of the product have it. */
import type { HostSample } from "#protocol";

/** Percent of the whole. */
export const hostThresholds = { cpu: 90, memory: 85, disk: 90, swap: 50 } as const;
export type HostMeasure = keyof typeof hostThresholds;

export type Level = "normal" | "high" | "critical";

/** `high` is the last tenth of the way to the threshold: a warning before the alarm. */
export function levelOf(measure: HostMeasure, percent: number): Level {
  const threshold = hostThresholds[measure];
  if (percent >= threshold) return "critical";
  return percent >= threshold * 0.9 ? "high" : "normal";
}

/** `used` of `total` in percent; nothing of nothing is 0 (a host without swap). */
export function share(used: number, total: number): number {
  return total > 0 ? Math.min(100, (used / total) * 100) : 0;
}

export function hostShares(sample: HostSample): Record<HostMeasure, number> {
  return {
    cpu: sample.cpuPercent,
    memory: share(sample.memoryUsedBytes, sample.memoryTotalBytes),
    disk: share(sample.diskUsedBytes, sample.diskTotalBytes),
    swap: share(sample.swapUsedBytes, sample.swapTotalBytes),
  };
}

/** Load per core above 1 means that work is waiting. */
export function loadLevel(load1: number, cores: number): Level {
  const perCore = cores > 0 ? load1 / cores : load1;
  if (perCore >= 2) return "critical";
  return perCore >= 1 ? "high" : "normal";
}

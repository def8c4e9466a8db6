/** The one tariff: shown in the create dialog and charged by the meter. Money is whole milli-credits. */
import type { VmState } from "./vms.ts";

export const MILLI = 1_000;
export const HOUR_MS = 3_600_000;

/** Milli-credits an hour. Memory steps are 256 MB, so every price is a whole number. */
export const tariff = {
  perCore: 1 * MILLI,
  per512Mb: 1 * MILLI,
  per10GbDisk: MILLI / 10,
  /** What a new account is given. */
  startCredits: 100 * MILLI,
} as const;

export interface VmSize {
  readonly ramMb: number;
  readonly cpuCores: number;
  readonly diskGb: number;
}

/** What a state costs: `full` is memory, cores and disk; `disk` the disk alone; a fault of ours costs nothing. */
export function usageOf(state: VmState): "full" | "disk" | "free" {
  switch (state) {
    case "running":
      return "full";
    case "stopped":
    case "starting":
    case "stopping":
    case "restarting":
      return "disk";
    case "pending":
    case "destroying":
    case "failed":
    case "unknown":
      return "free";
    default:
      return state satisfies never;
  }
}

/** Milli-credits an hour while the VM is off. */
export function diskPrice({ diskGb }: Pick<VmSize, "diskGb">): number {
  return Math.round((diskGb * tariff.per10GbDisk) / 10);
}

/** Milli-credits an hour while the VM runs, disk included. */
export function fullPrice(size: VmSize): number {
  return Math.round((size.ramMb * tariff.per512Mb) / 512) + size.cpuCores * tariff.perCore + diskPrice(size);
}

/** Milli-credits an hour in this state. */
export function priceOf(size: VmSize, state: VmState): number {
  const usage = usageOf(state);
  if (usage === "full") return fullPrice(size);
  return usage === "disk" ? diskPrice(size) : 0;
}

/** Milli-credits for a stretch of time at one price, rounded down: half a milli-credit is never charged twice. */
export function costOf(pricePerHour: number, elapsedMs: number): number {
  return Math.floor((pricePerHour * Math.max(0, elapsedMs)) / HOUR_MS);
}

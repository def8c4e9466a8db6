/** What a machine costs, in the words of the one tariff; pure. */
import type { VmSize, VmView } from "#protocol";
import { diskPrice, fullPrice, HOUR_MS, priceOf, usageOf } from "#protocol";

/** 30 days. */
const HOURS_OF_MONTH = 720;

export interface VmPrice {
  /** Milli-credits an hour, as all of them. */
  readonly now: number;
  readonly running: number;
  readonly stopped: number;
  /** Milli-credits in 30 days when it runs all the time. */
  readonly month: number;
}

export function vmPrice(vm: Pick<VmView, "ramMb" | "cpuCores" | "diskGb" | "state">): VmPrice {
  return {
    now: priceOf(vm, vm.state),
    running: fullPrice(vm),
    stopped: diskPrice(vm),
    month: fullPrice(vm) * HOURS_OF_MONTH,
  };
}

/** What a size adds to the burn rate of a machine in this state. */
export function priceChange(
  vm: VmSize,
  next: VmSize,
): { readonly running: number; readonly stopped: number } {
  return { running: fullPrice(next) - fullPrice(vm), stopped: diskPrice(next) - diskPrice(vm) };
}

/** Why it costs what it costs now. */
export function priceReason(state: VmView["state"]): string {
  const usage = usageOf(state);
  if (usage === "full") return "memory, cores and disk";
  return usage === "disk" ? "the disk alone" : "nothing is charged in this state";
}

/** How long `balance` lasts at `burnPerHour`; null when nothing burns. */
export function lastsMs(balance: number, burnPerHour: number): number | null {
  if (burnPerHour <= 0) return null;
  return Math.max(0, Math.floor((balance / burnPerHour) * HOUR_MS));
}

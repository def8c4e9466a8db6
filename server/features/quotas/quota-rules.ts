/** Pure: whether a user's quota holds something more. */
import type { QuotaLimits, QuotaName } from "#protocol";
import { AppError } from "../../core/errors.ts";

export type QuotaUse = Readonly<QuotaLimits>;

const words: Readonly<Record<QuotaName, { readonly what: string; readonly unit: string }>> = {
  vms: { what: "VMs", unit: "" },
  cpuCores: { what: "cores", unit: "" },
  ramMb: { what: "memory", unit: " MB" },
  diskGb: { what: "disk", unit: " GB" },
  snapshots: { what: "snapshots", unit: "" },
};
const names: readonly QuotaName[] = ["vms", "cpuCores", "ramMb", "diskGb", "snapshots"];

const number = new Intl.NumberFormat("en");

/**
 * Throws `quota_exceeded` when `next` is over a limit. What does not grow is never refused: a limit that was lowered below
 * the use does not keep anybody from making a VM smaller.
 */
export function checkQuota(limits: QuotaUse, now: QuotaUse, next: QuotaUse): void {
  const over = names.filter((name) => next[name] > limits[name] && next[name] > now[name]);
  if (over.length === 0) return;
  const parts = over.map((name) => {
    const { what, unit } = words[name];
    return `${what} ${number.format(next[name])} of ${number.format(limits[name])}${unit}`;
  });
  // Not "your": an administrator acts on the VMs of others.
  throw new AppError("quota_exceeded", `It would exceed the quota: ${parts.join(", ")}`);
}

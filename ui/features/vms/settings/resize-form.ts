/** Another size for a machine: what is wrong with it, and what it changes; pure. */
import type { VmSize } from "#protocol";
import { vmSpec } from "#protocol";
import { formatCreditChange, formatPrice } from "../../../shared/format/credits.ts";
import type { CreateErrors } from "../create-form.ts";
import { priceChange, vmPrice } from "../vm-price.ts";

export const sizeFields = ["ramMb", "cpuCores", "diskGb"] as const;

export function checkSize(now: VmSize, next: VmSize): CreateErrors {
  const errors: CreateErrors = {};
  for (const field of sizeFields) {
    const issue = vmSpec.shape[field].safeParse(next[field]).error?.issues[0];
    if (issue) errors[field] = issue.message;
  }
  if (!errors.diskGb && next.diskGb < now.diskGb)
    errors.diskGb = `at least ${now.diskGb} GB: a disk only grows`;
  return errors;
}

export function isSameSize(a: VmSize, b: VmSize): boolean {
  return sizeFields.every((field) => a[field] === b[field]);
}

/** What the quota gains or loses by it. */
export function sizeChange(now: VmSize, next: VmSize): VmSize {
  return {
    ramMb: next.ramMb - now.ramMb,
    cpuCores: next.cpuCores - now.cpuCores,
    diskGb: next.diskGb - now.diskGb,
  };
}

/** "4.2 credits/h while it runs (+2.1)". */
export function resizeWords(now: VmSize, next: VmSize): string {
  const change = priceChange(now, next);
  const price = vmPrice({ ...next, state: "running" });
  const part = (milli: number, delta: number) =>
    delta === 0 ? formatPrice(milli) : `${formatPrice(milli)} (${formatCreditChange(delta)})`;
  return `${part(price.running, change.running)} while it runs, ${part(price.stopped, change.stopped)} while it is stopped`;
}

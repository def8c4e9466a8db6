/** A quota, and what the host can still hold, as text. */
import type { HostCapacity, QuotaName, QuotaView } from "#protocol";
import { renderTable } from "../table.ts";

const rows: readonly { readonly name: QuotaName; readonly label: string }[] = [
  { name: "vms", label: "VMs" },
  { name: "cpuCores", label: "cores" },
  { name: "ramMb", label: "memory, MB" },
  { name: "diskGb", label: "disk, GB" },
  { name: "snapshots", label: "snapshots" },
];

export function quotaText({ limits, used, own }: QuotaView, host: HostCapacity | null): string {
  const table = renderTable(
    ["WHAT", "USED", "OF", "LEFT", "LIMIT"],
    rows.map(({ name, label }) => [
      label,
      String(used[name]),
      String(limits[name]),
      String(Math.max(0, limits[name] - used[name])),
      own.includes(name) ? "your own" : "default",
    ]),
  );
  return host === null ? table : `${table}\n\n${hostText(host)}`;
}

function hostText({ memoryFreeMb, memoryTotalMb, diskFreeGb, diskTotalGb }: HostCapacity): string {
  return `The host has ${memoryFreeMb} of ${memoryTotalMb} MB of memory left for VMs, and ${diskFreeGb} of ${diskTotalGb} GB of disk are free.`;
}

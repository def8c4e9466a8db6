/** A quota as bars: what is used, what would be added, and whether that still fits; pure. */
import type { QuotaLimits, QuotaName, QuotaView } from "#protocol";
import type { Tone } from "../../shared/components/tones.ts";

export type QuotaAddition = Partial<QuotaLimits>;

export interface QuotaBar {
  readonly name: QuotaName;
  readonly label: string;
  readonly used: number;
  readonly adding: number;
  readonly limit: number;
  readonly unit: string;
  /** Of the limit, 0 to 100; what is used and would be added together. */
  readonly percent: number;
  readonly tone: Tone;
  readonly isOver: boolean;
}

const looks: Readonly<Record<QuotaName, { readonly label: string; readonly unit: string }>> = {
  vms: { label: "VMs", unit: "" },
  cpuCores: { label: "Cores", unit: "" },
  ramMb: { label: "Memory", unit: "GB" },
  diskGb: { label: "Disk", unit: "GB" },
  snapshots: { label: "Snapshots", unit: "" },
};

export const quotaNames: readonly QuotaName[] = ["vms", "cpuCores", "ramMb", "diskGb", "snapshots"];

const NEARLY_FULL = 90;

/** Memory is limited in MB and read in GB. */
const shown = (name: QuotaName, value: number) =>
  name === "ramMb" ? Math.round((value / 1_024) * 100) / 100 : value;

export function quotaBars({ limits, used }: QuotaView, adding: QuotaAddition = {}): readonly QuotaBar[] {
  return quotaNames.map((name) => {
    const more = adding[name] ?? 0;
    const total = used[name] + more;
    const percent = limits[name] === 0 ? (total > 0 ? 100 : 0) : (total / limits[name]) * 100;
    const isOver = total > limits[name];
    return {
      label: looks[name].label,
      unit: looks[name].unit,
      name,
      used: shown(name, used[name]),
      adding: shown(name, more),
      limit: shown(name, limits[name]),
      percent: Math.min(100, percent),
      tone: isOver ? "danger" : percent >= NEARLY_FULL ? "warning" : "info",
      isOver,
    };
  });
}

/** "2 of 5", "1.5 of 8 GB". */
export function quotaWords({ used, adding, limit, unit }: QuotaBar): string {
  const plus = adding > 0 ? ` + ${adding}` : "";
  return `${used}${plus} of ${limit}${unit === "" ? "" : ` ${unit}`}`;
}

/** The newest values of the host and of a machine as tiles: what they read, and how worrying they are; pure. */
import type { HostSample, VmSample } from "#protocol";
import { formatBytes, formatDuration, formatValue } from "../../shared/charts/units.ts";
import type { Level } from "./thresholds.ts";
import { hostShares, levelOf, loadLevel, share } from "./thresholds.ts";

export interface StatTile {
  readonly key: string;
  readonly label: string;
  readonly value: string;
  /** One line; two, separated by a line break, where there is no bar. */
  readonly detail: string;
  readonly level: Level;
  /** Of the bar below; null where there is no whole. */
  readonly percent: number | null;
}

const nothing = "–";

function plain(key: string, label: string, value: string, detail: string): StatTile {
  return { key, label, value, detail, level: "normal", percent: null };
}

const usedOf = (used: number, total: number) => `${formatBytes(used)} of ${formatBytes(total)}`;
const upDown = (down: number, up: number) =>
  `↓ ${formatValue("bytesPerS", down)}\n↑ ${formatValue("bytesPerS", up)}`;

export function hostTiles(sample: HostSample | null): StatTile[] {
  const labels = { cpu: "CPU", memory: "Memory", disk: "Disk", swap: "Swap" } as const;
  if (!sample) {
    const keys = ["cpu", "memory", "disk", "swap"] as const;
    const others = [plain("load", "Load", nothing, ""), plain("network", "Network", nothing, "")];
    return [
      ...keys.map((key) => plain(key, labels[key], nothing, "")),
      ...others,
      plain("uptime", "Uptime", nothing, ""),
    ];
  }
  const shares = hostShares(sample);
  const cores = sample.corePercent.length;
  const measured = (key: keyof typeof labels, detail: string): StatTile => ({
    key,
    label: labels[key],
    value: formatValue("percent", shares[key]),
    detail,
    level: levelOf(key, shares[key]),
    percent: shares[key],
  });
  return [
    measured("cpu", cores === 1 ? "1 core" : `${cores} cores`),
    measured("memory", usedOf(sample.memoryUsedBytes, sample.memoryTotalBytes)),
    measured("disk", usedOf(sample.diskUsedBytes, sample.diskTotalBytes)),
    sample.swapTotalBytes > 0
      ? measured("swap", usedOf(sample.swapUsedBytes, sample.swapTotalBytes))
      : plain("swap", "Swap", "none", "not set up"),
    {
      ...plain(
        "load",
        "Load",
        formatValue("plain", sample.load1),
        `5 min ${formatValue("plain", sample.load5)}\n15 min ${formatValue("plain", sample.load15)}`,
      ),
      level: loadLevel(sample.load1, cores),
    },
    plain(
      "network",
      "Network",
      formatValue("bytesPerS", sample.networkRxBytesPerS + sample.networkTxBytesPerS),
      upDown(sample.networkRxBytesPerS, sample.networkTxBytesPerS),
    ),
    plain("uptime", "Uptime", formatDuration(sample.uptimeSeconds), "since boot"),
  ];
}

export function vmTiles(sample: VmSample | null): StatTile[] {
  if (!sample) {
    const labels = { cpu: "CPU", memory: "Memory", disk: "Disk", network: "Network", uptime: "Uptime" };
    return Object.entries(labels).map(([key, label]) => plain(key, label, nothing, ""));
  }
  const memory = share(sample.memoryUsedBytes, sample.memoryTotalBytes);
  const disk = share(sample.diskUsedBytes, sample.diskTotalBytes);
  return [
    {
      ...plain("cpu", "CPU", formatValue("percent", sample.cpuPercent), "of all its cores"),
      percent: sample.cpuPercent,
    },
    {
      ...plain(
        "memory",
        "Memory",
        formatValue("percent", memory),
        usedOf(sample.memoryUsedBytes, sample.memoryTotalBytes),
      ),
      percent: memory,
    },
    {
      ...plain(
        "disk",
        "Disk",
        formatValue("percent", disk),
        usedOf(sample.diskUsedBytes, sample.diskTotalBytes),
      ),
      percent: disk,
    },
    plain(
      "network",
      "Network",
      formatValue("bytesPerS", sample.networkRxBytesPerS + sample.networkTxBytesPerS),
      upDown(sample.networkRxBytesPerS, sample.networkTxBytesPerS),
    ),
    plain("uptime", "Uptime", formatDuration(sample.uptimeSeconds), "since the last start"),
  ];
}

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
  /** Part of a whole, as a bar below. */
  readonly hasBar: boolean;
  readonly percent: number | null;
}

const nothing = "–";
/** Keeps the room of what will come: a line break at the end of a text opens no line. */
const twoLines = "\u00a0\n\u00a0";

function plain(key: string, label: string, value: string, detail: string): StatTile {
  return { key, label, value, detail, level: "normal", hasBar: false, percent: null };
}

function withBar(tile: StatTile, percent: number | null): StatTile {
  return { ...tile, hasBar: true, percent };
}

const usedOf = (used: number, total: number) => `${formatBytes(used)} of ${formatBytes(total)}`;
const upDown = (down: number, up: number) =>
  `↓ ${formatValue("bytesPerS", down)}\n↑ ${formatValue("bytesPerS", up)}`;

export function hostTiles(sample: HostSample | null): StatTile[] {
  const labels = { cpu: "CPU", memory: "Memory", disk: "Disk", swap: "Swap" } as const;
  if (!sample) {
    const keys = ["cpu", "memory", "disk", "swap"] as const;
    return [
      ...keys.map((key) => withBar(plain(key, labels[key], nothing, ""), null)),
      plain("load", "Load", nothing, twoLines),
      plain("network", "Network", nothing, twoLines),
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
    hasBar: true,
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
    const shares = { cpu: "CPU", memory: "Memory", disk: "Disk" };
    return [
      ...Object.entries(shares).map(([key, label]) => withBar(plain(key, label, nothing, ""), null)),
      plain("network", "Network", nothing, twoLines),
      plain("uptime", "Uptime", nothing, ""),
    ];
  }
  const memory = share(sample.memoryUsedBytes, sample.memoryTotalBytes);
  const disk = share(sample.diskUsedBytes, sample.diskTotalBytes);
  const memoryUse = usedOf(sample.memoryUsedBytes, sample.memoryTotalBytes);
  const diskUse = usedOf(sample.diskUsedBytes, sample.diskTotalBytes);
  return [
    withBar(
      plain("cpu", "CPU", formatValue("percent", sample.cpuPercent), "of all its cores"),
      sample.cpuPercent,
    ),
    withBar(plain("memory", "Memory", formatValue("percent", memory), memoryUse), memory),
    withBar(plain("disk", "Disk", formatValue("percent", disk), diskUse), disk),
    plain(
      "network",
      "Network",
      formatValue("bytesPerS", sample.networkRxBytesPerS + sample.networkTxBytesPerS),
      upDown(sample.networkRxBytesPerS, sample.networkTxBytesPerS),
    ),
    plain("uptime", "Uptime", formatDuration(sample.uptimeSeconds), "since the last start"),
  ];
}

/** The charts of one machine: its history as lines; pure. */
import type { VmSample } from "#protocol";
import { limits } from "#protocol";
import type { ChartSeries } from "../../shared/charts/chart-plan.ts";
import { toPoints } from "../../shared/charts/points.ts";
import { formatBytes } from "../../shared/charts/units.ts";
import type { ChartSpec } from "./host-charts.ts";

type Pick = (sample: VmSample) => number;

function lineOf(history: readonly VmSample[], name: string, pick: Pick, area = false): ChartSeries {
  return { name, area, points: toPoints(history, limits.vmSampleEveryMs, pick) };
}

export function vmCharts(history: readonly VmSample[]): ChartSpec[] {
  const total = history.at(-1)?.memoryTotalBytes ?? 0;
  return [
    {
      key: "cpu",
      title: "CPU",
      unit: "percent",
      series: [lineOf(history, "All cores", (sample) => sample.cpuPercent, true)],
    },
    {
      key: "memory",
      title: total > 0 ? `Memory of ${formatBytes(total)}` : "Memory",
      unit: "bytes",
      series: [lineOf(history, "Used", (sample) => sample.memoryUsedBytes, true)],
      ...(total > 0 && { ceiling: total }),
    },
    {
      key: "disk",
      title: "Disk",
      unit: "bytesPerS",
      series: [
        lineOf(history, "Read", (sample) => sample.diskReadBytesPerS),
        lineOf(history, "Write", (sample) => sample.diskWriteBytesPerS),
      ],
    },
    {
      key: "network",
      title: "Network",
      unit: "bytesPerS",
      series: [
        lineOf(history, "Received", (sample) => sample.networkRxBytesPerS),
        lineOf(history, "Sent", (sample) => sample.networkTxBytesPerS),
      ],
    },
  ];
}

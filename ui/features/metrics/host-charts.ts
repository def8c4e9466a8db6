/** The charts of the host page: histories as lines; pure. */
import type { HostSample } from "#protocol";
import { limits } from "#protocol";
import type { ChartSeries, ChartThreshold } from "../../shared/charts/chart-plan.ts";
import { toPoints } from "../../shared/charts/points.ts";
import type { Unit } from "../../shared/charts/units.ts";
import { formatBytes } from "../../shared/charts/units.ts";
import { hostThresholds } from "./thresholds.ts";

export interface ChartSpec {
  readonly key: string;
  readonly title: string;
  readonly unit: Unit;
  readonly series: readonly ChartSeries[];
  readonly ceiling?: number;
  readonly thresholds?: readonly ChartThreshold[];
}

type Pick = (sample: HostSample) => number;

function lineOf(history: readonly HostSample[], name: string, pick: Pick, area = false): ChartSeries {
  return { name, area, points: toPoints(history, limits.hostSampleEveryMs, pick) };
}

function cpuChart(history: readonly HostSample[], isPerCore: boolean): ChartSpec {
  const cores = history.at(-1)?.corePercent.length ?? 0;
  const total = lineOf(history, "All cores", (sample) => sample.cpuPercent, true);
  const each = Array.from({ length: cores }, (_, core) =>
    lineOf(history, `Core ${core}`, (sample) => sample.corePercent[core] ?? 0),
  );
  return {
    key: "cpu",
    title: "CPU",
    unit: "percent",
    series: isPerCore ? each : [total],
    thresholds: [{ value: hostThresholds.cpu, label: `Alert at ${hostThresholds.cpu} %` }],
  };
}

function memoryChart(history: readonly HostSample[]): ChartSpec {
  const newest = history.at(-1);
  const total = newest?.memoryTotalBytes ?? 0;
  const hasSwap = (newest?.swapTotalBytes ?? 0) > 0;
  const threshold = (total * hostThresholds.memory) / 100;
  return {
    key: "memory",
    title: total > 0 ? `Memory of ${formatBytes(total)}` : "Memory",
    unit: "bytes",
    series: [
      lineOf(history, "Used", (sample) => sample.memoryUsedBytes, true),
      ...(hasSwap ? [lineOf(history, "Swap", (sample) => sample.swapUsedBytes)] : []),
    ],
    ...(total > 0 && {
      ceiling: Math.max(total, newest?.swapTotalBytes ?? 0),
      thresholds: [{ value: threshold, label: `Alert at ${hostThresholds.memory} %` }],
    }),
  };
}

export function hostCharts(history: readonly HostSample[], isPerCore: boolean): ChartSpec[] {
  return [
    cpuChart(history, isPerCore),
    memoryChart(history),
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

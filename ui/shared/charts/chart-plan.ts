/** Pure plan of a time chart: what is to be shown becomes one ECharts option. Drawing it is ChartCanvas's work. */
import type { AxisScale } from "./axis-scale.ts";
import { planScale } from "./axis-scale.ts";
import type { ChartTheme } from "./chart-theme.ts";
import { faded, seriesColour } from "./chart-theme.ts";
import type { Point } from "./points.ts";
import { highestValue, pointsSince } from "./points.ts";
import type { Unit } from "./units.ts";
import { formatValue } from "./units.ts";

export interface ChartSeries {
  readonly name: string;
  readonly points: readonly Point[];
  /** Filled below: for a whole with one or two lines, not for many. */
  readonly area?: boolean;
}

export interface ChartThreshold {
  readonly value: number;
  readonly label: string;
}

export interface ChartInput {
  readonly series: readonly ChartSeries[];
  readonly unit: Unit;
  readonly theme: ChartTheme;
  /** The right end of the time axis, epoch milliseconds. */
  readonly endMs: number;
  readonly rangeMs: number;
  /** A known whole, e.g. all memory: the top of the axis. */
  readonly ceiling?: number | undefined;
  readonly thresholds?: readonly ChartThreshold[] | undefined;
}

/** Room of the longest label, so that the plots of one page begin at the same x. */
const AXIS_LABEL_PX = 68;

export function formatClock(atMs: number, withSeconds: boolean): string {
  const at = new Date(atMs);
  const parts = [at.getHours(), at.getMinutes(), ...(withSeconds ? [at.getSeconds()] : [])];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

/** A label each quarter of the range, on full seconds or minutes. */
function timeStep(rangeMs: number): number {
  return rangeMs <= 60_000 ? 15_000 : rangeMs <= 5 * 60_000 ? 60_000 : 2 * 60_000;
}

function timeAxis({ theme, endMs, rangeMs }: ChartInput) {
  const step = timeStep(rangeMs);
  return {
    type: "time" as const,
    min: endMs - rangeMs,
    max: endMs,
    minInterval: step,
    maxInterval: step,
    axisLine: { lineStyle: { color: theme.grid } },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: {
      color: theme.text,
      fontFamily: theme.fontFamily,
      fontSize: 11,
      hideOverlap: true,
      showMinLabel: false,
      showMaxLabel: false,
      formatter: (atMs: number) => formatClock(atMs, step < 60_000),
    },
    axisPointer: {
      show: true,
      snap: true,
      label: { show: false },
      lineStyle: { color: theme.crosshair, type: "solid" as const, width: 1 },
    },
  };
}

function valueAxis({ theme, unit }: ChartInput, scale: AxisScale) {
  return {
    type: "value" as const,
    min: 0,
    max: scale.max,
    interval: scale.step,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: theme.grid } },
    axisPointer: { show: false },
    axisLabel: {
      color: theme.text,
      fontFamily: theme.fontFamily,
      fontSize: 11,
      // The top of a known whole may stand right above a tick: only ticks are labelled.
      showMaxLabel: scale.max % scale.step === 0,
      formatter: (value: number) => (unit === "percent" ? `${value} %` : formatValue(unit, value)),
    },
  };
}

function thresholdLines({ theme, thresholds }: ChartInput) {
  return {
    silent: true,
    symbol: "none",
    animation: false,
    lineStyle: { color: theme.danger, type: "dashed" as const, width: 1, opacity: 0.8 },
    label: {
      position: "insideStartTop" as const,
      color: theme.danger,
      fontFamily: theme.fontFamily,
      fontSize: 10,
      formatter: ({ name }: { name: string }) => name,
    },
    data: (thresholds ?? []).map(({ value, label }) => ({ yAxis: value, name: label })),
  };
}

function line(input: ChartInput, series: ChartSeries, index: number) {
  const colour = seriesColour(input.theme, index);
  return {
    type: "line" as const,
    // Stable ids let ECharts move the same line instead of making a new one.
    id: series.name,
    name: series.name,
    data: series.points.map(([atMs, value]) => [atMs, value] as [number, number | null]),
    showSymbol: false,
    symbol: "circle",
    symbolSize: 6,
    connectNulls: false,
    silent: true,
    animation: false,
    z: 3,
    lineStyle: { color: colour, width: 1.5 },
    itemStyle: { color: colour },
    emphasis: { disabled: true },
    ...(series.area ? { areaStyle: { color: faded(colour, 0.16) } } : {}),
    ...(index === 0 && input.thresholds?.length ? { markLine: thresholdLines(input) } : {}),
  };
}

/** Only what is in the window is drawn, and only that decides how high the axis is. */
function inWindow({ series, endMs, rangeMs }: ChartInput): readonly ChartSeries[] {
  return series.map((one) => ({ ...one, points: pointsSince(one.points, endMs - rangeMs) }));
}

export function planChart(input: ChartInput) {
  const shown = inWindow(input);
  const highest = Math.max(0, ...shown.map(({ points }) => highestValue(points)));
  return {
    // Once a second and on several charts at a time: moving lines would cost more than they tell.
    animation: false,
    grid: { left: AXIS_LABEL_PX, right: 14, top: 12, bottom: 24 },
    xAxis: timeAxis(input),
    yAxis: valueAxis(input, planScale(input.unit, highest, input.ceiling)),
    // Only moves the cross-hair: the values stand in the legend, where nothing covers the lines.
    tooltip: {
      trigger: "axis" as const,
      showContent: false,
      axisPointer: { type: "line" as const, animation: false },
    },
    series: shown.map((series, index) => line(input, series, index)),
  };
}

export type ChartOption = ReturnType<typeof planChart>;

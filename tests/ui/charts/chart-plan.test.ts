/** The plan of a time chart, and what it says to those who do not see it. */
import { describe, expect, test } from "bun:test";
import type { ChartInput } from "../../../ui/shared/charts/chart-plan.ts";
import { formatClock, planChart } from "../../../ui/shared/charts/chart-plan.ts";
import { summarise } from "../../../ui/shared/charts/chart-summary.ts";
import { faded, seriesColour } from "../../../ui/shared/charts/chart-theme.ts";

const theme = {
  fontFamily: "Inter",
  text: "rgb(1, 2, 3)",
  grid: "rgb(4, 5, 6)",
  crosshair: "rgb(7, 8, 9)",
  danger: "rgb(200, 0, 0)",
  series: ["rgb(10, 20, 30)", "rgb(40, 50, 60)"],
};

const input: ChartInput = {
  series: [
    {
      name: "Read",
      points: [
        [1000, 10],
        [2000, 3000],
      ],
      area: true,
    },
    {
      name: "Write",
      points: [
        [1000, 20],
        [2000, 40],
      ],
    },
  ],
  unit: "bytesPerS",
  theme,
  endMs: 60_000,
  rangeMs: 60_000,
};

describe("the plan", () => {
  test("shows exactly the wanted range, ending now", () => {
    const { xAxis } = planChart(input);
    expect([xAxis.min, xAxis.max]).toEqual([0, 60_000]);
  });

  test.each([
    [60_000, 15_000],
    [300_000, 60_000],
    [600_000, 120_000],
  ])("labels a range of %d ms every %d ms", (rangeMs, step) => {
    expect(planChart({ ...input, rangeMs }).xAxis.maxInterval).toBe(step);
  });

  test("labels short ranges with seconds and long ones without", () => {
    const at = new Date(2026, 0, 1, 9, 5, 7).getTime();
    expect(planChart(input).xAxis.axisLabel.formatter(at)).toBe("09:05:07");
    expect(planChart({ ...input, rangeMs: 600_000 }).xAxis.axisLabel.formatter(at)).toBe("09:05");
    expect(formatClock(at, true)).toBe("09:05:07");
  });

  test("never animates, because it redraws every second", () => {
    const plan = planChart(input);
    expect(plan.animation).toBe(false);
    expect(plan.series.every((series) => series.animation === false)).toBe(true);
  });

  test("gives each line its own colour and keeps its identity", () => {
    const { series } = planChart(input);
    expect(series.map((line) => [line.id, line.lineStyle.color])).toEqual([
      ["Read", "rgb(10, 20, 30)"],
      ["Write", "rgb(40, 50, 60)"],
    ]);
    expect(series[0]?.areaStyle?.color).toBe("rgba(10, 20, 30, 0.16)");
    expect(series[1]?.areaStyle).toBeUndefined();
  });

  test("keeps the hole where nothing was measured", () => {
    const plan = planChart({
      ...input,
      series: [
        {
          name: "Read",
          points: [
            [1, 1],
            [2, null],
            [9, 1],
          ],
        },
      ],
    });
    expect(plan.series[0]?.data[1]).toEqual([2, null]);
    expect(plan.series[0]?.connectNulls).toBe(false);
  });

  test("scales the value axis to the highest line and labels it with its unit", () => {
    const { yAxis } = planChart(input);
    expect([yAxis.max, yAxis.interval]).toEqual([3072, 1024]);
    expect(yAxis.axisLabel.formatter(2048)).toBe("2 KiB/s");
  });

  test("leaves out what is older than the window, but for the point from which the line enters", () => {
    const points: [number, number][] = [
      [1000, 9e6],
      [2000, 9e6],
      [61_000, 5],
      [62_000, 6],
    ];
    const plan = planChart({ ...input, endMs: 120_000, series: [{ name: "Read", points }] });
    expect(plan.series[0]?.data.map(([atMs]) => atMs)).toEqual([2000, 61_000, 62_000]);
    const later = planChart({ ...input, endMs: 122_000, series: [{ name: "Read", points }] });
    expect(later.series[0]?.data.map(([atMs]) => atMs)).toEqual([61_000, 62_000]);
    expect(later.yAxis.max).toBe(1024);
    expect(
      planChart({ ...input, endMs: 999_000, series: [{ name: "Read", points }] }).series[0]?.data,
    ).toEqual([]);
  });

  test("ends at a known whole without labelling a crooked top", () => {
    const plan = planChart({ ...input, unit: "bytes", ceiling: 7.7 * 1024 ** 3 });
    expect(plan.yAxis.max).toBe(7.7 * 1024 ** 3);
    expect(plan.yAxis.axisLabel.showMaxLabel).toBe(false);
    expect(planChart({ ...input, unit: "percent" }).yAxis.axisLabel.showMaxLabel).toBe(true);
    expect(planChart({ ...input, unit: "percent" }).yAxis.axisLabel.formatter(75)).toBe("75 %");
  });

  test("draws thresholds once, with the first line", () => {
    const { series } = planChart({ ...input, thresholds: [{ value: 90, label: "Alert at 90 %" }] });
    expect(series[0]?.markLine?.data).toEqual([{ yAxis: 90, name: "Alert at 90 %" }]);
    expect(series[0]?.markLine?.label.formatter({ name: "Alert at 90 %" })).toBe("Alert at 90 %");
    expect(series[1]?.markLine).toBeUndefined();
    expect(planChart(input).series[0]?.markLine).toBeUndefined();
  });

  test("is a plain empty chart without series", () => {
    const plan = planChart({ ...input, series: [] });
    expect(plan.series).toEqual([]);
    expect(plan.yAxis.max).toBe(1024);
  });
});

describe("colours", () => {
  test("fade when they are rgb and stay when they are not", () => {
    expect(faded("rgb(1 2 3)", 0.5)).toBe("rgba(1, 2, 3, 0.5)");
    expect(faded("red", 0.5)).toBe("red");
  });

  test("begin anew when there are more lines than colours", () => {
    expect(seriesColour(theme, 2)).toBe("rgb(10, 20, 30)");
    expect(seriesColour({ ...theme, series: [] }, 0)).toBe(theme.text);
  });
});

describe("the summary", () => {
  test("names the newest and highest value of each line", () => {
    expect(summarise("Disk", input, false)).toBe(
      "Disk in the last minute: Read 2.93 KiB/s, highest 2.93 KiB/s; Write 40 B/s, highest 40 B/s.",
    );
  });

  test("says when there is nothing, when it is old, and when a threshold is passed", () => {
    expect(summarise("Disk", { ...input, series: [] }, false)).toBe("Disk: no data yet.");
    expect(summarise("Disk", { ...input, rangeMs: 600_000 }, true)).toContain("Not live");
    const thresholds = [{ value: 2900, label: "Alert at 2.83 KiB/s" }];
    expect(summarise("Disk", { ...input, thresholds }, false)).toContain(
      "Over the threshold: Alert at 2.83 KiB/s",
    );
  });
});

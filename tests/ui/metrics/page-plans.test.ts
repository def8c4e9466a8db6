/** Tiles and charts of the host page and of a machine's page, planned without a browser. */
import { describe, expect, test } from "bun:test";
import { hostCharts } from "../../../ui/features/metrics/host-charts.ts";
import { hostTiles, vmTiles } from "../../../ui/features/metrics/stat-tiles.ts";
import { vmCharts } from "../../../ui/features/metrics/vm-charts.ts";
import { rangeMsOf } from "../../../ui/shared/charts/ranges.ts";
import { hostAt, vmAt } from "./samples.ts";

const GIB = 1024 ** 3;
const byKey = <T extends { key: string }>(items: readonly T[], key: string) => {
  const item = items.find((candidate) => candidate.key === key);
  if (!item) throw new Error(`There is no ${key}`);
  return item;
};

describe("tiles of the host", () => {
  test("are the same places before the first value as after it", () => {
    expect(hostTiles(null).map(({ key }) => key)).toEqual(hostTiles(hostAt(0)).map(({ key }) => key));
    expect(hostTiles(null).every(({ value }) => value === "–")).toBe(true);
  });

  test("read the newest values", () => {
    const tiles = hostTiles(hostAt(0));
    expect(byKey(tiles, "cpu")).toMatchObject({
      value: "12.5 %",
      detail: "2 cores",
      level: "normal",
      percent: 12.5,
    });
    expect(byKey(tiles, "memory")).toMatchObject({ value: "25.0 %", detail: "2 GiB of 8 GiB" });
    expect(byKey(tiles, "network")).toMatchObject({
      value: "500 B/s",
      detail: "↓ 300 B/s\n↑ 200 B/s",
      percent: null,
    });
    expect(byKey(tiles, "load")).toMatchObject({ value: "0.4", detail: "5 min 0.3\n15 min 0.2" });
    expect(byKey(tiles, "uptime").value).toBe("1 h");
  });

  test("do not invent swap where there is none", () => {
    expect(byKey(hostTiles(hostAt(0)), "swap")).toMatchObject({ value: "none", percent: null });
    const swapping = hostAt(0, { swapTotalBytes: 2 * GIB, swapUsedBytes: GIB });
    expect(byKey(hostTiles(swapping), "swap")).toMatchObject({ value: "50.0 %", level: "critical" });
  });

  test("warn at the thresholds", () => {
    const busy = hostAt(0, { cpuPercent: 95, load1: 2.5, diskUsedBytes: 85 * GIB });
    const levels = Object.fromEntries(hostTiles(busy).map(({ key, level }) => [key, level]));
    expect(levels).toMatchObject({ cpu: "critical", load: "high", disk: "high", memory: "normal" });
  });
});

describe("tiles of a machine", () => {
  test("are the same places with and without values", () => {
    expect(vmTiles(null).map(({ key }) => key)).toEqual(vmTiles(vmAt(1, 0)).map(({ key }) => key));
  });

  test("read the newest values", () => {
    const tiles = vmTiles(vmAt(1, 0, 33));
    expect(byKey(tiles, "cpu").value).toBe("33.0 %");
    expect(byKey(tiles, "memory").detail).toBe("128 MiB of 512 MiB");
    expect(byKey(tiles, "uptime").value).toBe("1 min");
  });
});

describe("charts of the host", () => {
  const history = [hostAt(1000), hostAt(2000, { corePercent: [40, 60] })];

  test("show the CPU as one line or one per core", () => {
    expect(byKey(hostCharts(history, false), "cpu").series.map(({ name }) => name)).toEqual(["All cores"]);
    const cores = byKey(hostCharts(history, true), "cpu").series;
    expect(cores.map(({ name }) => name)).toEqual(["Core 0", "Core 1"]);
    expect(cores[1]?.points).toEqual([
      [1000, 15],
      [2000, 60],
    ]);
  });

  test("know where memory ends and where the alarm is", () => {
    const memory = byKey(hostCharts(history, false), "memory");
    expect(memory.ceiling).toBe(8 * GIB);
    expect(memory.thresholds).toEqual([{ value: 6.8 * GIB, label: "Alert at 85 %" }]);
    expect(memory.series.map(({ name }) => name)).toEqual(["Used"]);
  });

  test("have a line for swap only where there is swap", () => {
    const swapping = [hostAt(1000, { swapTotalBytes: GIB })];
    expect(byKey(hostCharts(swapping, false), "memory").series.map(({ name }) => name)).toEqual([
      "Used",
      "Swap",
    ]);
  });

  test("are planned without a single sample", () => {
    expect(hostCharts([], true).map(({ key, series }) => [key, series.length])).toEqual([
      ["cpu", 0],
      ["memory", 1],
      ["disk", 2],
      ["network", 2],
    ]);
  });
});

describe("charts of a machine", () => {
  test("end at its own memory", () => {
    expect(byKey(vmCharts([vmAt(1, 0)]), "memory").ceiling).toBe(512 * 1024 ** 2);
    expect(byKey(vmCharts([]), "memory").ceiling).toBeUndefined();
  });
});

describe("a range", () => {
  test.each([
    ["1", 60_000],
    ["10", 600_000],
    ["x", 600_000],
  ])("of %p minutes is %d ms", (minutes, ms) => {
    expect(rangeMsOf(minutes)).toBe(ms);
  });
});

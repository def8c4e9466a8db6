/** Numbers, axes and points of charts as people read them. */
import { describe, expect, test } from "bun:test";
import { planScale } from "../../../ui/shared/charts/axis-scale.ts";
import type { Point } from "../../../ui/shared/charts/points.ts";
import { highestValue, newestValue, toPoints, valueAt } from "../../../ui/shared/charts/points.ts";
import { formatBytes, formatDuration, formatValue } from "../../../ui/shared/charts/units.ts";

const KIB = 1024;
const MIB = KIB ** 2;
const GIB = KIB ** 3;

describe("values", () => {
  test.each([
    [0, "0 B"],
    [1, "1 B"],
    [1023, "1023 B"],
    [1023.9, "1 KiB"],
    [1024, "1 KiB"],
    [1536, "1.5 KiB"],
    [10.25 * KIB, "10.3 KiB"],
    [512 * MIB, "512 MiB"],
    [1023.6 * MIB, "1 GiB"],
    [7.76 * GIB, "7.76 GiB"],
    [2048 * GIB, "2 TiB"],
    [5000 * 1024 ** 5, "5000 PiB"],
  ])("%d bytes read %s", (value, text) => {
    expect(formatBytes(value)).toBe(text);
  });

  test.each([
    ["percent", 0, "0 %"],
    ["percent", 0.04, "0 %"],
    ["percent", 12.34, "12.3 %"],
    ["percent", 99.96, "100 %"],
    ["percent", 100, "100 %"],
    ["bytesPerS", 2048, "2 KiB/s"],
    ["plain", 0.4, "0.4"],
    ["plain", 12.345, "12.3"],
    ["plain", 1.236, "1.24"],
    ["bytes", null, "–"],
    ["percent", Number.NaN, "–"],
    ["plain", undefined, "–"],
  ] as const)("in %s, %p reads %s", (unit, value, text) => {
    expect(formatValue(unit, value)).toBe(text);
  });

  test.each([
    [0, "0 s"],
    [59.9, "59 s"],
    [60, "1 min"],
    [725, "12 min 5 s"],
    [3600, "1 h"],
    [3605, "1 h"],
    [90_061, "1 d 1 h"],
    [-4, "0 s"],
  ])("%d seconds last %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe("the value axis", () => {
  test("is 0 to 100 for percent, whatever the values", () => {
    expect(planScale("percent", 3)).toEqual({ max: 100, step: 25 });
    expect(planScale("percent", 100)).toEqual({ max: 100, step: 25 });
  });

  test.each([
    [0, 1024, 256],
    [3, 1024, 256],
    [1025, 1536, 512],
    [5000, 6 * KIB, 2 * KIB],
    [900 * KIB, 1024 * KIB, 256 * KIB],
    [9.3 * MIB, 12 * MIB, 4 * MIB],
  ])("for rates up to %d B/s ends at %d with ticks of %d", (highest, max, step) => {
    expect(planScale("bytesPerS", highest)).toEqual({ max, step });
  });

  test("of a known whole ends at the whole", () => {
    expect(planScale("bytes", GIB, 7.7 * GIB)).toEqual({ max: 7.7 * GIB, step: 2 * GIB });
    expect(planScale("bytes", GIB, 8 * GIB)).toEqual({ max: 8 * GIB, step: 2 * GIB });
  });

  test.each([
    [0, 1, 0.25],
    [2.9, 3, 1],
    [37, 40, 10],
  ])("for plain values up to %d ends at %d", (highest, max, step) => {
    expect(planScale("plain", highest)).toEqual({ max, step });
  });

  test("always reaches the highest value in two to six ticks", () => {
    for (const unit of ["bytes", "bytesPerS", "plain"] as const)
      for (let highest = 1; highest < 2 ** 50; highest *= 1.37) {
        const { max, step } = planScale(unit, highest);
        expect(max).toBeGreaterThanOrEqual(highest);
        expect(max / step).toBeGreaterThanOrEqual(2);
        expect(max / step).toBeLessThanOrEqual(6);
      }
  });
});

describe("points", () => {
  const samples = [1000, 2000, 3000, 9000].map((atMs) => ({ atMs, n: atMs / 1000 }));

  test("break the line where samples are missing", () => {
    expect(toPoints(samples, 1000, (sample) => sample.n)).toEqual([
      [1000, 1],
      [2000, 2],
      [3000, 3],
      [4000, null],
      [9000, 9],
    ]);
  });

  test("do not break for a late sample", () => {
    const late = [{ atMs: 0 }, { atMs: 3000 }];
    expect(toPoints(late, 1000, () => 1)).toHaveLength(2);
  });

  const points: Point[] = [
    [1000, 5],
    [2000, 7],
    [3000, null],
  ];

  test.each([
    [1000, 5],
    [1400, 5],
    [1600, 7],
    [2900, null],
    [500, 5],
    [-9000, null],
    [90_000, null],
  ])("at %d ms give the nearest value within reach", (atMs, value) => {
    expect(valueAt(points, atMs, 1000)).toBe(value);
  });

  test("know their newest and highest value", () => {
    expect(newestValue(points)).toBeNull();
    expect(newestValue([])).toBeNull();
    expect(highestValue(points)).toBe(7);
    expect(highestValue([])).toBe(0);
  });
});

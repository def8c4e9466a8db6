/** The one tariff: what is shown is what is charged, in whole milli-credits. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { costOf, diskPrice, fullPrice, priceOf, tariff, usageOf, vmSizes, vmStates } from "#protocol";

const smallest = { ramMb: 512, cpuCores: 1, diskGb: 10 };

const steps = ({ min, max, step }: (typeof vmSizes)[keyof typeof vmSizes]) =>
  fc.integer({ min: 0, max: (max - min) / step }).map((n) => min + n * step);
const size = fc.record({
  ramMb: steps(vmSizes.ramMb),
  cpuCores: steps(vmSizes.cpuCores),
  diskGb: steps(vmSizes.diskGb),
});

describe("an hour", () => {
  test("costs 1 credit per 512 MB, 1 per core and 0.1 per 10 GB", () => {
    expect(fullPrice(smallest)).toBe(2_100);
    expect(fullPrice({ ramMb: 768, cpuCores: 1, diskGb: 15 })).toBe(2_650);
    expect(fullPrice({ ramMb: 4_096, cpuCores: 4, diskGb: 50 })).toBe(12_500);
    expect(diskPrice({ diskGb: 10 })).toBe(100);
    expect(tariff.startCredits).toBe(100_000);
  });

  test("has a whole price for every size there is", () => {
    fc.assert(
      fc.property(size, ({ ramMb, cpuCores, diskGb }) => {
        const exact = (ramMb / 512) * 1_000 + cpuCores * 1_000 + (diskGb / 10) * 100;
        expect(fullPrice({ ramMb, cpuCores, diskGb })).toBe(exact);
      }),
    );
  });

  test("costs the full price while running, the disk while off, and nothing for a fault of ours", () => {
    const byUsage = (usage: string) => vmStates.filter((state) => usageOf(state) === usage);
    expect(byUsage("full")).toEqual(["running"]);
    expect(byUsage("disk")).toEqual(["starting", "stopping", "stopped", "restarting"]);
    expect(byUsage("free")).toEqual(["pending", "destroying", "failed", "unknown"]);
    expect([...vmStates].map((state) => priceOf(smallest, state)).toSorted((a, b) => b - a)).toEqual([
      2_100, 100, 100, 100, 100, 0, 0, 0, 0,
    ]);
  });
});

describe("a stretch of time", () => {
  test("costs its part of the hour, rounded down", () => {
    expect(costOf(2_100, 3_600_000)).toBe(2_100);
    expect(costOf(2_100, 60_000)).toBe(35);
    expect(costOf(2_100, 1_714)).toBe(0);
    expect(costOf(2_100, 1_715)).toBe(1);
    expect(costOf(2_100, -5_000)).toBe(0);
  });

  test("never costs less in the whole than in its parts", () => {
    const ms = fc.nat(10_000_000);
    fc.assert(
      fc.property(fc.nat(12_500), ms, ms, (price, a, b) => {
        const parts = costOf(price, a) + costOf(price, b);
        const whole = costOf(price, a + b);
        expect(whole - parts).toBeGreaterThanOrEqual(0);
        expect(whole - parts).toBeLessThanOrEqual(1);
      }),
    );
  });
});

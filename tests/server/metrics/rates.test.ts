/** From texts to counters, from counters to rates. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { hostSample, userId, vmId, vmSample } from "#protocol";
import type { VmCounters } from "../../../server/drivers/vm-driver.ts";
import { hostSampleOf, type HostReading } from "../../../server/features/metrics/host/host-rates.ts";
import { takeSamples } from "../../../server/features/metrics/host/probe-metrics.ts";
import {
  parseCpu,
  parseDisks,
  parseLoad,
  parseMemory,
  parseNetwork,
  parseUptime,
} from "../../../server/features/metrics/host/proc-parse.ts";
import { ratePerS, sharePercent } from "../../../server/features/metrics/rates.ts";
import { Ring } from "../../../server/features/metrics/ring.ts";
import { vmSampleOf } from "../../../server/features/metrics/vm/vm-rates.ts";
import { diskstats, meminfo, netDev, stat } from "./proc-fixtures.ts";

describe("parsers of /proc", () => {
  test("count waiting for the disk as idle and guests once", () => {
    const { all, cores } = parseCpu(stat);
    expect(all).toEqual({
      busy: 20868 + 10 + 14178 + 643 + 5,
      total: 20868 + 10 + 14178 + 365333 + 1001 + 643 + 5,
    });
    expect(cores).toHaveLength(2);
  });
  test("take what programs could still get as free memory", () => {
    expect(parseMemory(meminfo)).toEqual({
      memoryTotalBytes: 24683620 * 1024,
      memoryUsedBytes: (24683620 - 24223188) * 1024,
      swapTotalBytes: 2 ** 30,
      swapUsedBytes: 2 ** 29,
    });
  });
  test("count the host's own interfaces, not bridges and the cables of VMs", () => {
    expect(parseNetwork(netDev)).toEqual({ inBytes: 657549229 + 1000, outBytes: 983106 + 2000 });
  });
  test("fall back to the ends of cables where there is nothing else, as in a container", () => {
    const inContainer = netDev
      .split("\n")
      .filter((line) => !/eth0:|wlan0/.test(line))
      .join("\n");
    expect(parseNetwork(inContainer).inBytes).toBeGreaterThan(0);
  });
  test("count whole disks, not partitions, loops, RAM disks and what lies on top", () => {
    expect(parseDisks(diskstats)).toEqual({ inBytes: (200 + 1000) * 512, outBytes: (400 + 2000) * 512 });
  });
  test("count partitions where their disk is not shown", () => {
    const line = " 202 1 xvda1 4000 10 190 30 3000 20 390 50 0 60 70\n";
    expect(parseDisks(line)).toEqual({ inBytes: 190 * 512, outBytes: 390 * 512 });
  });
  test("read load and uptime", () => {
    expect(parseLoad("0.53 0.50 0.35 1/116 15068\n")).toEqual({ load1: 0.53, load5: 0.5, load15: 0.35 });
    expect(parseUptime("2013.34 3653.33\n")).toBe(2013.34);
  });
});

describe("rates", () => {
  const counter = fc.double({ min: 0, max: 2 ** 60, noNaN: true });
  const elapsed = fc.double({ min: -1e6, max: 1e9, noNaN: true });
  test("are never negative and never infinite", () => {
    fc.assert(
      fc.property(counter, counter, elapsed, (before, after, elapsedMs) => {
        const rate = ratePerS(before, after, elapsedMs);
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(Number.isNaN(rate)).toBe(false);
      }),
    );
  });
  test("are 0 across a reset and when no time has passed", () => {
    expect(ratePerS(500, 10, 1_000)).toBe(0);
    expect(ratePerS(10, 500, 0)).toBe(0);
    expect(ratePerS(10, 510, 2_000)).toBe(250);
  });
  test("shares stay within 0 and 100", () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), (part, whole) => {
        const share = sharePercent(part, whole);
        expect(share).toBeWithin(0, 100.000_001);
      }),
      { examples: [[1.8e306, Infinity]] },
    );
  });
});

describe("a ring", () => {
  test("holds the newest items in order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 20 }), (items, capacity) => {
        const ring = new Ring<number>(capacity);
        for (const item of items) ring.push(item);
        expect(ring.toArray()).toEqual(items.slice(-capacity));
        expect(ring.last).toBe(items.at(-1) ?? null);
      }),
    );
  });
});

const reading: fc.Arbitrary<HostReading> = fc.record({
  monotonicMs: fc.nat(),
  cpu: fc.constant(parseCpu(stat)),
  network: fc.record({ inBytes: fc.nat(), outBytes: fc.nat() }),
  disks: fc.record({ inBytes: fc.nat(), outBytes: fc.nat() }),
  load1: fc.nat(),
  load5: fc.nat(),
  load15: fc.nat(),
  uptimeSeconds: fc.nat(),
  diskTotalBytes: fc.nat(),
  diskUsedBytes: fc.nat(),
  memoryTotalBytes: fc.nat(),
  memoryUsedBytes: fc.nat(),
  swapTotalBytes: fc.nat(),
  swapUsedBytes: fc.nat(),
});

describe("a host sample", () => {
  test("fits the protocol whatever was read before", () => {
    fc.assert(
      fc.property(
        reading,
        reading,
        (before, now) => hostSample.safeParse(hostSampleOf(before, now, 1)).success,
      ),
    );
  });
  test("shows each core by itself, and one that was just switched on as idle", () => {
    const at = (busy: number[], total: number) => ({
      all: { busy: busy.reduce((a, b) => a + b, 0), total: total * busy.length },
      cores: busy.map((each) => ({ busy: each, total })),
    });
    const [base] = fc.sample(reading, 1);
    if (!base) throw new Error("No reading");
    const before = { ...base, cpu: at([0, 0], 0), monotonicMs: 0 };
    const now = { ...base, cpu: at([25, 100, 7], 100), monotonicMs: 1_000 };
    expect(hostSampleOf(before, now, 1).corePercent).toEqual([25, 100, 0]);
  });
});

const ref = { vmId: vmId.parse(1), ownerId: userId.parse(1), name: "web01" };
const counters = (change: Partial<VmCounters>): VmCounters => ({
  ref,
  atMs: 0,
  cpuTimeNs: 0,
  cpuCores: 2,
  memoryTotalBytes: 1,
  memoryUsedBytes: 1,
  diskTotalBytes: 1,
  diskUsedBytes: 1,
  diskReadBytes: 0,
  diskWriteBytes: 0,
  networkRxBytes: 0,
  networkTxBytes: 0,
  uptimeSeconds: 0,
  ...change,
});

describe("a VM sample", () => {
  test("shows CPU as a share of all its cores", () => {
    const now = counters({ atMs: 2_000, cpuTimeNs: 2e9, uptimeSeconds: 2 });
    expect(vmSampleOf(counters({}), now).cpuPercent).toBe(50);
  });
  test("has no rates without a reading before, and across a reboot", () => {
    const now = counters({ atMs: 2_000, cpuTimeNs: 2e9, diskReadBytes: 500, uptimeSeconds: 3 });
    expect(vmSampleOf(null, now)).toMatchObject({ cpuPercent: 0, diskReadBytesPerS: 0 });
    expect(vmSampleOf(counters({ uptimeSeconds: 90 }), now)).toMatchObject({
      cpuPercent: 0,
      diskReadBytesPerS: 0,
    });
  });
  test("fits the protocol whatever the driver counted", () => {
    const any = fc
      .record({
        atMs: fc.nat(),
        cpuTimeNs: fc.nat(),
        diskReadBytes: fc.nat(),
        diskWriteBytes: fc.nat(),
        networkRxBytes: fc.nat(),
        networkTxBytes: fc.nat(),
        uptimeSeconds: fc.nat(),
        cpuCores: fc.integer({ min: 1, max: 4 }),
      })
      .map(counters);
    fc.assert(fc.property(any, any, (before, now) => vmSample.safeParse(vmSampleOf(before, now)).success));
  });
});

describe("lines of the system probe", () => {
  test("are taken whole; an unfinished one waits and a strange one is left out", () => {
    const [base] = fc.sample(reading, 1);
    if (!base) throw new Error("No reading");
    const sample = hostSampleOf(base, base, 5);
    const text = JSON.stringify(sample);
    const first = takeSamples(`not json\n{}\n${text}\n${text.slice(0, 20)}`);
    expect(first.samples).toEqual([sample]);
    expect(takeSamples(`${first.rest}${text.slice(20)}\n`)).toEqual({ samples: [sample], rest: "" });
  });
});

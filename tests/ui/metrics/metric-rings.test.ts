/** Bounded histories, shared subscriptions and thresholds behind the metrics pages. */
import { describe, expect, test } from "bun:test";
import { appendSample, lastPart } from "../../../ui/features/metrics/metric-rings.ts";
import { createSharedSubscription } from "../../../ui/features/metrics/shared-subscription.ts";
import { hostShares, levelOf, loadLevel, share } from "../../../ui/features/metrics/thresholds.ts";
import { hostAt } from "./samples.ts";

const times = (samples: readonly { atMs: number }[]) => samples.map((sample) => sample.atMs);
const at = (atMs: number) => ({ atMs });

describe("a ring", () => {
  test("drops its oldest samples when full", () => {
    expect(times(appendSample([at(1), at(2), at(3)], at(4), 3))).toEqual([2, 3, 4]);
    expect(times(appendSample([at(1)], at(2), 3))).toEqual([1, 2]);
    expect(times(appendSample([at(1), at(2), at(3), at(4)], at(5), 2))).toEqual([4, 5]);
  });

  test("is not changed by an append, so old references stay true", () => {
    const before = [at(1)];
    appendSample(before, at(2), 3);
    expect(times(before)).toEqual([1]);
  });

  test("shows the last part by time, not by count", () => {
    const history = [at(0), at(50_000), at(100_000), at(110_000)];
    expect(times(lastPart(history, 60_000))).toEqual([50_000, 100_000, 110_000]);
    expect(lastPart(history, 600_000)).toBe(history);
    expect(lastPart([], 1000)).toEqual([]);
  });
});

function harness() {
  const calls: string[] = [];
  const pending = new Set<() => void>();
  const shared = createSharedSubscription(
    () => {
      calls.push("start");
      return () => calls.push("end");
    },
    {
      start(run) {
        pending.add(run);
        return () => pending.delete(run);
      },
    },
  );
  const elapse = () => {
    for (const run of pending) run();
    pending.clear();
  };
  return { calls, shared, elapse };
}

describe("a shared subscription", () => {
  test("starts once for many users and ends after the last has gone", () => {
    const { calls, shared, elapse } = harness();
    const first = shared.acquire();
    const second = shared.acquire();
    first();
    elapse();
    expect(calls).toEqual(["start"]);
    second();
    expect(calls).toEqual(["start"]);
    elapse();
    expect(calls).toEqual(["start", "end"]);
  });

  test("survives going from one page to the next", () => {
    const { calls, shared, elapse } = harness();
    shared.acquire()();
    shared.acquire();
    elapse();
    expect(calls).toEqual(["start"]);
  });

  test("starts anew after it has ended", () => {
    const { calls, shared, elapse } = harness();
    shared.acquire()();
    elapse();
    shared.acquire();
    expect(calls).toEqual(["start", "end", "start"]);
  });

  test("counts a release once, however often it is called", () => {
    const { calls, shared, elapse } = harness();
    const first = shared.acquire();
    shared.acquire();
    first();
    first();
    elapse();
    expect(calls).toEqual(["start"]);
  });
});

describe("thresholds", () => {
  test.each([
    ["cpu", 89.9, "high"],
    ["cpu", 90, "critical"],
    ["cpu", 80, "normal"],
    ["memory", 85, "critical"],
    ["memory", 76.4, "normal"],
    ["disk", 90, "critical"],
    ["swap", 50, "critical"],
    ["swap", 45, "high"],
    ["swap", 0, "normal"],
  ] as const)("%s at %d %% is %s", (measure, percent, level) => {
    expect(levelOf(measure, percent)).toBe(level);
  });

  test("a share of nothing is 0 and never above 100", () => {
    expect(share(0, 0)).toBe(0);
    expect(share(5, 0)).toBe(0);
    expect(share(11, 10)).toBe(100);
  });

  test("a sample has a share for every measure", () => {
    expect(hostShares(hostAt(0))).toEqual({ cpu: 12.5, memory: 25, disk: 40, swap: 0 });
  });

  test("load is judged per core", () => {
    expect(loadLevel(1.9, 2)).toBe("normal");
    expect(loadLevel(2, 2)).toBe("high");
    expect(loadLevel(4, 2)).toBe("critical");
  });
});

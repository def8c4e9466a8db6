/** The metrics store: bounded histories, newest values, staleness. */
import { beforeEach, describe, expect, test } from "bun:test";
import { createPinia, setActivePinia } from "pinia";
import { computed } from "vue";
import { limits, vmId } from "#protocol";
import { useMetricsStore } from "../../../ui/features/metrics/metrics.store.ts";
import { hostAt, vmAt } from "./samples.ts";

const one = vmId.parse(1);
const two = vmId.parse(2);

beforeEach(() => setActivePinia(createPinia()));

describe("host", () => {
  test("is full from the snapshot at once", () => {
    const store = useMetricsStore();
    const history = Array.from({ length: 600 }, (_, i) => hostAt(i * 1000));
    store.applyHostSnapshot({ history, inventory: null });
    expect(store.hostHistory).toHaveLength(600);
    expect(store.host?.atMs).toBe(599_000);
  });

  test("never holds more than ten minutes", () => {
    const store = useMetricsStore();
    for (let i = 0; i < 700; i++) store.applyHostEvent({ sample: hostAt(i * 1000) });
    expect(store.hostHistory).toHaveLength(limits.hostHistorySamples);
    expect(store.hostHistory[0]?.atMs).toBe(100_000);
    expect(store.host?.atMs).toBe(699_000);
  });

  test("leaves out a sample that is not newer than the last", () => {
    const store = useMetricsStore();
    store.applyHostEvent({ sample: hostAt(2000) });
    store.applyHostEvent({ sample: hostAt(2000, { cpuPercent: 99 }) });
    store.applyHostEvent({ sample: hostAt(1000) });
    expect(store.hostHistory).toHaveLength(1);
    expect(store.host?.cpuPercent).toBe(12.5);
  });

  test("has no newest sample before the first", () => {
    expect(useMetricsStore().host).toBeNull();
  });
});

describe("virtual machines", () => {
  test("have a history each", () => {
    const store = useMetricsStore();
    store.applyVmsEvent({ samples: [vmAt(1, 1000, 10), vmAt(2, 1000, 50)] });
    store.applyVmsEvent({ samples: [vmAt(1, 3000, 11)] });
    expect(store.vmHistory(one).map((sample) => sample.cpuPercent)).toEqual([10, 11]);
    expect(store.vmLatest(two)?.cpuPercent).toBe(50);
    expect(store.vmHistory(vmId.parse(9))).toEqual([]);
    expect(store.vmLatest(vmId.parse(9))).toBeNull();
  });

  test("that a snapshot does not name are forgotten", () => {
    const store = useMetricsStore();
    store.applyVmsEvent({ samples: [vmAt(1, 1000), vmAt(2, 1000)] });
    store.applyVmsSnapshot({ vms: [{ vmId: two, history: [vmAt(2, 5000)] }] });
    expect(store.vmHistory(one)).toEqual([]);
    expect(store.vmHistory(two)).toHaveLength(1);
  });

  test("that are silent for longer than a chart shows are forgotten", () => {
    const store = useMetricsStore();
    store.applyVmsEvent({ samples: [vmAt(1, 1000)] });
    store.applyVmsEvent({ samples: [vmAt(2, 1000 + 10 * 60_000)] });
    expect(store.vmHistory(one)).toHaveLength(1);
    store.applyVmsEvent({ samples: [vmAt(2, 1001 + 10 * 60_000)] });
    expect(store.vmHistory(one)).toEqual([]);
  });

  test("redraw only when their own samples change", () => {
    const store = useMetricsStore();
    store.applyVmsEvent({ samples: [vmAt(1, 1000)] });
    let runs = 0;
    const latest = computed(() => {
      runs += 1;
      return store.vmLatest(one)?.atMs;
    });
    expect(latest.value).toBe(1000);
    store.applyVmsEvent({ samples: [vmAt(2, 3000)] });
    expect(latest.value).toBe(1000);
    expect(runs).toBe(1);
    store.applyVmsEvent({ samples: [vmAt(1, 5000)] });
    expect(latest.value).toBe(5000);
  });
});

describe("staleness", () => {
  test("begins with the first loss and ends with the next snapshot", () => {
    const store = useMetricsStore();
    expect(store.staleSinceMs).toBeNull();
    store.markStale(100);
    store.markStale(200);
    expect(store.staleSinceMs).toBe(100);
    store.applyHostSnapshot({ history: [], inventory: null });
    expect(store.staleSinceMs).toBeNull();
  });

  test("ends with an event as well, because an event is live", () => {
    const store = useMetricsStore();
    store.markStale(100);
    store.applyVmsEvent({ samples: [vmAt(1, 1000)] });
    expect(store.staleSinceMs).toBeNull();
  });
});

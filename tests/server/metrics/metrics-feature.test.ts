/** The metrics feature as a whole: real /proc, the simulated driver, and a clock moved by hand. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { commands, hostSample, limits, topics } from "#protocol";
import type { Session } from "../../../server/core/caller.ts";
import { createLog } from "../../../server/core/log.ts";
import { createLinuxMetrics } from "../../../server/features/metrics/host/linux-proc.ts";
import { createMetricsFeature, type MetricsFeature } from "../../../server/features/metrics/index.ts";
import { waitFor } from "../../helpers/wait-for.ts";
import { hanging } from "../vms/faulty-driver.ts";
import { launch, openCloud, refusal, type TestCloud } from "../vms/test-cloud.ts";

let cloud: TestCloud;
let metrics: MetricsFeature;
let ada: Session;
beforeEach(() => {
  cloud = openCloud();
  ada = cloud.user("ada");
  metrics = createMetricsFeature({ ...cloud, log: createLog("silent"), home: cloud.vmsDir });
});
afterEach(async () => {
  await metrics.dispose();
  await cloud.close();
});

const caller = (session: Session) => ({
  session,
  face: "rest" as const,
  remoteAddress: "",
  userAgent: "",
  channel: null,
});
const run = async (name: "metrics.host" | "metrics.vm", session: Session, input: object = {}) =>
  metrics.commands.find((command) => command.name === name)?.run(input, caller(session));
const snapshot = (
  name: "metrics.host" | "metrics.vms",
  session: Session,
  ownerId: Session["userId"] | null,
) => metrics.topics.find((topic) => topic.name === name)?.snapshot({ session, ownerId, key: "" });
const vmsSnapshot = (session: Session, ownerId: Session["userId"] | null = session.userId) =>
  topics["metrics.vms"].snapshot.parse(snapshot("metrics.vms", session, ownerId)).vms;

/** Lets seconds pass one by one, so that answers of the driver arrive in between. */
async function seconds(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    cloud.clock.advance(1_000);
    await Promise.resolve();
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("the host", () => {
  test("is measured every second and the snapshot holds what was told", async () => {
    await seconds(5);
    const told = cloud.eventsOf("metrics.host").map(({ sample }) => sample);
    expect(told).toHaveLength(5);
    const { history } = topics["metrics.host"].snapshot.parse(snapshot("metrics.host", ada, null));
    expect(history).toEqual(told);
    const answer = commands["metrics.host"].output.parse(await run("metrics.host", ada));
    expect(answer.current).toEqual(told.at(-1) ?? null);
  });

  test("keeps ten minutes", async () => {
    cloud.clock.advance((limits.hostHistorySamples + 50) * 1_000);
    const { history } = topics["metrics.host"].snapshot.parse(snapshot("metrics.host", ada, null));
    expect(history).toHaveLength(limits.hostHistorySamples);
  });

  test("has an inventory soon after the start", async () => {
    const inventory = await waitFor(
      "the inventory",
      async () => commands["metrics.host"].output.parse(await run("metrics.host", ada)).inventory,
      { timeoutMs: 20_000, everyMs: 50 },
    );
    expect(inventory.cpuCores).toBeGreaterThan(0);
    expect(inventory.interfaces.length).toBeGreaterThan(0);
  }, 25_000);
});

describe("VMs", () => {
  test("are measured every two seconds, in the tick of a host sample, for their owner alone", async () => {
    const bob = cloud.user("bob");
    const mine = await launch(cloud, ada, "mine");
    const other = await launch(cloud, bob, "other");
    await seconds(4);
    cloud.heard.length = 0;
    await seconds(10);

    const frames = cloud.heard.filter(({ topic }) => topic === "metrics.vms");
    expect(frames).toHaveLength(10);
    for (const [to, id] of [
      [ada.userId, mine.id],
      [bob.userId, other.id],
    ] as const) {
      const own = frames.filter(
        (frame) => JSON.stringify(frame.to) === JSON.stringify({ kind: "owner", ownerId: to }),
      );
      const samples = own.map(({ data }) => topics["metrics.vms"].event.parse(data).samples);
      expect(samples.map((each) => each.map(({ vmId }) => vmId))).toEqual(
        Array.from({ length: 5 }, () => [id]),
      );
    }
    // Every VM frame comes right after a host frame, with no time in between.
    const order = cloud.heard.map(({ topic }) => topic);
    for (const [index, topic] of order.entries())
      if (topic === "metrics.vms")
        expect(order.slice(0, index).findLast((each) => each !== topic)).toBe("metrics.host");
  });

  test("show histories to their owner only", async () => {
    const bob = cloud.user("bob");
    const { id: vmId } = await launch(cloud, ada);
    await seconds(6);
    const answer = commands["metrics.vm"].output.parse(await run("metrics.vm", ada, { vmId }));
    expect(answer.current).toEqual(answer.history.at(-1) ?? null);
    expect(answer.history.length).toBeGreaterThanOrEqual(2);
    expect(await refusal(run("metrics.vm", bob, { vmId }))).toMatchObject({
      code: "not_found",
      message: "No such VM",
    });
    expect(vmsSnapshot(ada).map((vm) => vm.vmId)).toEqual([vmId]);
    expect(vmsSnapshot(bob)).toEqual([]);
    expect(vmsSnapshot(bob, null).map((vm) => vm.vmId)).toEqual([vmId]);
  });

  test("go on for the new owner of a VM that is handed over, and for no one else", async () => {
    const bob = cloud.user("bob");
    const { id: vmId } = await launch(cloud, ada);
    cloud.vms.admin.transfer(ada.userId, bob.userId);
    await seconds(6);
    expect(vmsSnapshot(bob).map((vm) => [vm.vmId, vm.history.length > 1])).toEqual([[vmId, true]]);
    expect(vmsSnapshot(ada)).toEqual([]);
    expect(metrics.newestVmSamples().map((sample) => sample.vmId)).toEqual([vmId]);
  });

  test("are forgotten when they are destroyed", async () => {
    const { id: vmId } = await launch(cloud, ada);
    await seconds(4);
    await cloud.jobEnd(ada, (await cloud.call(ada, "vm.destroy", { vmId })).jobId);
    await seconds(4);
    expect(vmsSnapshot(ada, null)).toEqual([]);
  });

  test("of a driver that hangs are asked for once, and the host goes on", async () => {
    await launch(cloud, ada);
    cloud.driver.before.set("sample", hanging);
    cloud.driver.calls.length = 0;
    cloud.heard.length = 0;
    await seconds(30);
    expect(cloud.driver.calls.filter((call) => call === "sample")).toHaveLength(1);
    expect(cloud.eventsOf("metrics.host")).toHaveLength(30);
  });
});

test("a Linux sampler sees the work of this very process", () => {
  let ms = 0;
  const host = createLinuxMetrics("/", { monotonicMs: () => (ms += 1_000) });
  const untilMs = performance.now() + 150;
  while (performance.now() < untilMs);
  const sample = host.sample(1);
  expect(sample?.cpuPercent).toBeGreaterThan(0);
  expect(sample?.memoryUsedBytes).toBeGreaterThan(0);
  expect(sample?.diskTotalBytes).toBeGreaterThan(0);
  void host.dispose();
});

test("a Linux sampler without a single file of /proc still gives a sample", () => {
  const host = createLinuxMetrics("/", { procRoot: "/nowhere" });
  expect(hostSample.parse(host.sample(1))).toMatchObject({ cpuPercent: 0, corePercent: [], load1: 0 });
  void host.dispose();
});

/** Schedules and leases: what is due when, once each, over days with a changed clock and over the server's downtime. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { VmId, VmSchedule } from "#protocol";
import type { Session } from "../../../server/core/caller.ts";
import { leaseOf, leaseStep } from "../../../server/features/vms/lease/lease-rules.ts";
import { dueAct, nextAct } from "../../../server/features/vms/schedule/schedule-rules.ts";
import { lab, launch, openCloud, refusal, type TestCloud } from "./test-cloud.ts";

// A busy machine lets these wait; what they check is no matter of time.
setDefaultTimeout(60_000);

const HOUR_MS = 3_600_000;
const at = (text: string) => Date.parse(text);
const iso = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());

const weekdays: VmSchedule = {
  stopAt: "18:00",
  startAt: "08:00",
  days: [1, 2, 3, 4, 5],
  timeZone: "Europe/Berlin",
};
const nightly: VmSchedule = {
  stopAt: "02:30",
  startAt: null,
  days: [1, 2, 3, 4, 5, 6, 7],
  timeZone: "Europe/Berlin",
};

describe("a schedule", () => {
  test("acts at its local time, summer and winter", () => {
    expect(iso(nextAct(weekdays, at("2026-01-12T12:00:00Z"))?.atMs)).toBe("2026-01-12T17:00:00.000Z");
    expect(iso(nextAct(weekdays, at("2026-07-13T12:00:00Z"))?.atMs)).toBe("2026-07-13T16:00:00.000Z");
  });

  test("rests on other days", () => {
    // Friday evening: the next is Monday morning.
    expect(nextAct(weekdays, at("2026-01-16T18:00:00Z"))).toEqual({
      action: "start",
      atMs: at("2026-01-19T07:00:00Z"),
    });
  });

  test("comes right after the leap of a spring night, and once in an autumn night", () => {
    expect(iso(nextAct(nightly, at("2026-03-28T12:00:00Z"))?.atMs)).toBe("2026-03-29T01:00:00.000Z");
    const first = nextAct(nightly, at("2026-10-24T12:00:00Z"))?.atMs ?? 0;
    expect(iso(first)).toBe("2026-10-25T00:30:00.000Z");
    expect(iso(nextAct(nightly, first)?.atMs)).toBe("2026-10-26T01:30:00.000Z");
  });

  test("of what was missed only the newest counts", () => {
    const done = at("2026-01-12T12:00:00Z");
    expect(dueAct(weekdays, done, at("2026-01-12T16:59:59Z"))).toBeNull();
    expect(dueAct(weekdays, done, at("2026-01-12T17:00:00Z"))?.action).toBe("stop");
    expect(dueAct(weekdays, done, at("2026-01-13T07:30:00Z"))?.action).toBe("start");
    // A year of downtime is as quickly looked through as a day.
    expect(dueAct(weekdays, done, at("2027-01-12T18:00:00Z"))?.action).toBe("stop");
    expect(dueAct(weekdays, at("2026-01-12T17:00:00Z"), at("2026-01-12T17:00:30Z"))).toBeNull();
  });
});

describe("a lease", () => {
  test("warns a day and an hour before its end, once each, and not at once", () => {
    const now = 1_000_000;
    const lease = leaseOf(48, now);
    const step = (hours: number, warned: number | null) =>
      leaseStep({ leaseEndsAtMs: lease.leaseEndsAtMs ?? 0, leaseWarnedHours: warned }, now + hours * HOUR_MS);
    expect(lease.leaseWarnedHours).toBeNull();
    expect(step(23, null)).toEqual({ kind: "none" });
    expect(step(24, null)).toEqual({ kind: "warn", hours: 24 });
    expect(step(25, 24)).toEqual({ kind: "none" });
    // The server was down over the first one.
    expect(step(47, null)).toEqual({ kind: "warn", hours: 1 });
    expect(step(48, 1)).toEqual({ kind: "end", told: false });
    expect(step(49, 0)).toEqual({ kind: "end", told: true });
    expect(leaseOf(24, now).leaseWarnedHours).toBe(24);
    expect(leaseOf(1, now).leaseWarnedHours).toBe(1);
    expect(leaseOf(null, now)).toEqual({ leaseEndsAtMs: null, leaseWarnedHours: null });
  });
});

describe("kept by the server", () => {
  let cloud: TestCloud;
  let ada: Session;
  beforeEach(() => {
    cloud = openCloud();
    ada = cloud.user("ada");
  });
  afterEach(() => cloud.close());

  const state = async (vmId: VmId) => (await cloud.vm(ada, vmId)).state;
  const events = async (prefix: string) =>
    (await cloud.call(ada, "event.list", {})).events
      .map(({ name }) => name)
      .filter((name) => name.startsWith(prefix));
  /** In steps, with room for what each of them sets going. */
  async function pass(ms: number) {
    for (let passed = 0; passed < ms; passed += 10_000) {
      cloud.clock.advance(10_000);
      await new Promise((resolve) => void setImmediate(resolve));
    }
    await cloud.until("the jobs to end", async () =>
      (await cloud.call(ada, "job.list", {})).jobs.every(({ endedAtMs }) => endedAtMs !== null),
    );
  }
  /** The clock of the test stands at 00:16:40 UTC of a Thursday. */
  const daily = { stopAt: "01:00", startAt: "02:00", days: [1, 2, 3, 4, 5, 6, 7], timeZone: "UTC" };

  test("a schedule stops and starts its VM, once per due time", async () => {
    const { id: vmId } = await launch(cloud, ada);
    const { vm } = await cloud.call(ada, "vm.update", { vmId, schedule: daily });
    expect(iso(vm.nextScheduledAtMs ?? 0)).toBe("1970-01-01T01:00:00.000Z");
    await pass(HOUR_MS);
    expect(await state(vmId)).toBe("stopped");
    // Started by hand in between it stays on: that time is done.
    await cloud.jobEnd(ada, (await cloud.call(ada, "vm.start", { vmId })).jobId);
    await pass(10 * 60_000);
    expect(await state(vmId)).toBe("running");
    await cloud.jobEnd(ada, (await cloud.call(ada, "vm.stop", { vmId })).jobId);
    await pass(HOUR_MS);
    expect(await state(vmId)).toBe("running");
    expect(await events("vm.schedule")).toEqual(["vm.schedule.start", "vm.schedule.stop"]);
    const [started] = (await cloud.call(ada, "job.list", {})).jobs;
    expect(started).toMatchObject({ kind: "vm.start", actorName: null, ownerName: "ada" });
  });

  test("a start that is refused is told, and not tried again", async () => {
    const { id: vmId } = await launch(cloud, ada);
    await cloud.jobEnd(ada, (await cloud.call(ada, "vm.stop", { vmId })).jobId);
    await cloud.call(ada, "vm.update", { vmId, schedule: { ...daily, stopAt: null, startAt: "01:00" } });
    const actor = { id: ada.userId, name: "ada" };
    const amount = -cloud.credits.balanceOf(ada.userId);
    cloud.credits.adjust({ userId: ada.userId, amount, reason: "a test", actor, key: "test" });
    await pass(HOUR_MS);
    expect(await state(vmId)).toBe("stopped");
    expect(await events("vm.schedule")).toEqual(["vm.schedule.refused"]);
  });

  test("a schedule that says nothing or contradicts itself is refused", async () => {
    const { id: vmId } = await launch(cloud, ada);
    for (const schedule of [
      { ...daily, stopAt: null, startAt: null },
      { ...daily, startAt: daily.stopAt },
    ])
      expect(await refusal(cloud.call(ada, "vm.update", { vmId, schedule }))).toMatchObject({
        code: "invalid_input",
      });
  });

  test("a lease warns twice and ends with a stop; extended, the VM runs again", async () => {
    const { jobId, vm } = await cloud.call(ada, "vm.create", { ...lab, name: "web01", leaseHours: 26 });
    await cloud.jobEnd(ada, jobId);
    await pass(3 * HOUR_MS);
    expect(await events("vm.lease")).toEqual(["vm.lease.ending"]);
    await pass(24 * HOUR_MS);
    expect(await events("vm.lease")).toEqual(["vm.lease.ended", "vm.lease.ending", "vm.lease.ending"]);
    expect(await state(vm.id)).toBe("stopped");
    expect(await refusal(cloud.call(ada, "vm.start", { vmId: vm.id }))).toMatchObject({
      code: "conflict",
      message: "The lease of this VM has ended; extend it first",
    });
    const extended = await cloud.call(ada, "vm.extendLease", { vmId: vm.id, hours: 2 });
    expect(extended.vm.leaseEndsAtMs).toBe(cloud.clock.now() + 2 * HOUR_MS);
    await cloud.jobEnd(ada, (await cloud.call(ada, "vm.start", { vmId: vm.id })).jobId);
    await cloud.call(ada, "vm.extendLease", { vmId: vm.id, hours: null });
    await pass(3 * HOUR_MS);
    expect(await state(vm.id)).toBe("running");
  });

  test("a VM whose maker names no lease has the one of the cloud", async () => {
    const admin = cloud.user("root", "admin");
    await cloud.call(admin, "admin.settings.update", { leaseHours: 5 });
    const { vm } = await cloud.call(ada, "vm.create", { ...lab, name: "web01" });
    expect(vm.leaseEndsAtMs).toBe(cloud.clock.now() + 5 * HOUR_MS);
  });
});

/** Sizes, rebuilds, clones and snapshots of a VM: what each does to the machine, the row, the quota and the money. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { diskPrice, fullPrice, type VmId, type VmView } from "#protocol";
import type { Session } from "../../../server/core/caller.ts";
import { AppError } from "../../../server/core/errors.ts";
import { failing } from "./faulty-driver.ts";
import { lab, launch, openCloud, refusal, type TestCloud } from "./test-cloud.ts";

// A busy machine lets these wait; what they check is no matter of time.
setDefaultTimeout(60_000);

let cloud: TestCloud;
let ada: Session;
beforeEach(() => {
  cloud = openCloud();
  ada = cloud.user("ada");
});
afterEach(() => cloud.close());

async function done(work: Promise<{ jobId: number }>, session = ada) {
  const job = await cloud.jobEnd(session, (await work).jobId);
  expect(job).toMatchObject({ state: "succeeded", error: null });
  return job;
}

const burn = (session = ada) => cloud.credits.viewOf(session.userId).burnPerHour;
const held = (session = ada) => cloud.credits.viewOf(session.userId).held;

async function stopped(name = "web01"): Promise<VmView> {
  const { id: vmId } = await launch(cloud, ada, name);
  await done(cloud.call(ada, "vm.stop", { vmId }));
  return cloud.vm(ada, vmId);
}

const boom = failing(new AppError("driver_failed", "The pool is full", { detail: "ENOSPC" }));

describe("money and quota of a new VM", () => {
  test("an hour is held while it is made, given back when it runs, and the meter begins", async () => {
    const { jobId } = await cloud.call(ada, "vm.create", { ...lab, name: "web01" });
    expect(held()).toBe(fullPrice(lab));
    expect(burn()).toBe(0);
    await cloud.jobEnd(ada, jobId);
    expect(held()).toBe(0);
    expect(burn()).toBe(fullPrice(lab));
  });

  test("a create that fails costs nothing and holds nothing", async () => {
    cloud.driver.before.set("create", boom);
    const before = cloud.credits.balanceOf(ada.userId);
    const { jobId } = await cloud.call(ada, "vm.create", { ...lab, name: "web01" });
    expect(await cloud.jobEnd(ada, jobId)).toMatchObject({ state: "failed", retryable: true });
    expect(cloud.credits.balanceOf(ada.userId)).toBe(before);
    expect([held(), burn()]).toEqual([0, 0]);
  });

  test("off, a VM costs its disk; destroyed, nothing", async () => {
    const { id: vmId } = await stopped();
    expect(burn()).toBe(diskPrice(lab));
    await done(cloud.call(ada, "vm.destroy", { vmId }));
    expect(burn()).toBe(0);
  });

  test("another price than was shown is refused and names the field", async () => {
    const quote = fullPrice(lab);
    expect(
      await refusal(cloud.call(ada, "vm.create", { ...lab, name: "web01", pricePerHour: quote - 1 })),
    ).toMatchObject({ code: "conflict", field: "pricePerHour" });
    expect((await cloud.call(ada, "vm.list", {})).vms).toEqual([]);
    await done(cloud.call(ada, "vm.create", { ...lab, name: "web01", pricePerHour: quote }));
  });

  test("a hundred at once at the limit give exactly the allowed number", async () => {
    cloud.quotas.set(ada.userId, { vms: 7, cpuCores: 1_000, ramMb: 100_000, diskGb: 10_000 });
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, n) => cloud.call(ada, "vm.create", { ...lab, name: `web${n}` })),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(7);
    const refusals = results.flatMap((each) =>
      each.status === "rejected" && each.reason instanceof AppError ? [each.reason.code] : [],
    );
    expect(new Set(refusals)).toEqual(new Set(["quota_exceeded"]));
    expect((await cloud.call(ada, "vm.list", {})).vms).toHaveLength(7);
    expect(held()).toBe(7 * fullPrice(lab));
  });

  test("the balance pays for as many creates at once as it holds hours", async () => {
    const adjustment = { userId: ada.userId, reason: "a test", actor: { id: ada.userId, name: "ada" } };
    const amount = 3 * fullPrice(lab) - cloud.credits.balanceOf(ada.userId);
    cloud.credits.adjust({ ...adjustment, amount, key: "test" });
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, (_, n) => cloud.call(ada, "vm.create", { ...lab, name: `web${n}` })),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    expect(cloud.credits.balanceOf(ada.userId)).toBe(0);
  });

  test("the same Idempotency-Key after a crash finds the VM it has made", async () => {
    const input = { ...lab, name: "web01" };
    const first = await cloud.call(ada, "vm.create", input, "key-1");
    const again = await cloud.call(ada, "vm.create", input, "key-1");
    expect([again.vm.id, again.jobId]).toEqual([first.vm.id, first.jobId]);
    expect((await cloud.call(ada, "vm.list", {})).vms).toHaveLength(1);
  });
});

describe("vm.resize", () => {
  test("gives a stopped VM another size, and its price from then on", async () => {
    const { id: vmId } = await stopped();
    const size = { ramMb: 1_024, cpuCores: 2, diskGb: 20 };
    const { vm, jobId } = await cloud.call(ada, "vm.resize", { vmId, ...size });
    expect([vm.state, vm.activeJobId]).toEqual(["stopped", jobId]);
    await cloud.jobEnd(ada, jobId);
    expect(await cloud.vm(ada, vmId)).toMatchObject({ ...size, state: "stopped", activeJobId: null });
    expect(burn()).toBe(diskPrice(size));
    await done(cloud.call(ada, "vm.start", { vmId }));
    expect(burn()).toBe(fullPrice(size));
  });

  test("is refused while it runs, for a smaller disk, and for nothing new", async () => {
    const { id: vmId } = await launch(cloud, ada);
    expect(await refusal(cloud.call(ada, "vm.resize", { vmId, ramMb: 1_024 }))).toMatchObject({
      code: "conflict",
      message: "This VM is running; stop it first, only a stopped VM gets another size",
    });
    await done(cloud.call(ada, "vm.stop", { vmId }));
    await done(cloud.call(ada, "vm.resize", { vmId, diskGb: 20 }));
    expect(await refusal(cloud.call(ada, "vm.resize", { vmId, diskGb: 19 }))).toMatchObject({
      code: "invalid_input",
      field: "diskGb",
      message: "diskGb must be at least 20: a disk only grows",
    });
    expect(await refusal(cloud.call(ada, "vm.resize", { vmId }))).toMatchObject({ code: "invalid_input" });
  });

  test("does not grow the disk under snapshots of a smaller one", async () => {
    const { id: vmId } = await stopped();
    await done(cloud.call(ada, "snapshot.create", { vmId, name: "before" }));
    expect(await refusal(cloud.call(ada, "vm.resize", { vmId, diskGb: 20 }))).toMatchObject({
      code: "conflict",
      field: "diskGb",
    });
    await done(cloud.call(ada, "vm.resize", { vmId, ramMb: 1_024 }));
  });

  test("that fails goes back to the size it had, at the price it had", async () => {
    const { id: vmId } = await stopped();
    cloud.driver.before.set("resize", boom);
    const { jobId } = await cloud.call(ada, "vm.resize", { vmId, ramMb: 2_048 });
    expect(await cloud.jobEnd(ada, jobId)).toMatchObject({ state: "failed" });
    expect(await cloud.vm(ada, vmId)).toMatchObject({
      ramMb: 512,
      state: "stopped",
      error: { message: "The pool is full", detail: "ENOSPC" },
    });
    expect(burn()).toBe(diskPrice(lab));
  });

  test("counts against the quota while it is at work", async () => {
    const [one, two] = [await stopped("one"), await stopped("two")];
    cloud.quotas.set(ada.userId, { ramMb: 2_048 });
    await cloud.call(ada, "vm.resize", { vmId: one.id, ramMb: 1_536 });
    expect(await refusal(cloud.call(ada, "vm.resize", { vmId: two.id, ramMb: 1_024 }))).toMatchObject({
      code: "quota_exceeded",
    });
  });
});

describe("vm.rebuild", () => {
  test("keeps id and name, takes another image, and loses the snapshots", async () => {
    const { id: vmId } = await launch(cloud, ada);
    await done(cloud.call(ada, "snapshot.create", { vmId, name: "before" }));
    await done(cloud.call(ada, "vm.rebuild", { vmId, image: "debian-12" }));
    expect(await cloud.vm(ada, vmId)).toMatchObject({
      name: "web01",
      image: "debian-12",
      state: "running",
      snapshots: [],
    });
    expect(cloud.driver.machines.get("web01")?.image.id).toBe("debian-12");
    expect(await cloud.onHost()).toEqual(["web01 running"]);
  });

  test("takes the VM's own image when it is hidden by now, and no other hidden one", async () => {
    const { id: vmId } = await stopped();
    const boss = cloud.user("boss", "admin");
    for (const imageId of ["lab", "debian-12"])
      await cloud.call(boss, "image.update", { imageId, hidden: true });
    expect(await refusal(cloud.call(ada, "vm.rebuild", { vmId, image: "debian-12" }))).toMatchObject({
      ...{ code: "invalid_input", field: "image" },
    });
    await done(cloud.call(ada, "vm.rebuild", { vmId }));
    await done(cloud.call(ada, "vm.stop", { vmId }));
    await done(cloud.call(ada, "vm.resize", { vmId, ramMb: 1024 }));
    await done(cloud.call(ada, "vm.resize", { vmId, ramMb: 512 }));
    expect(await cloud.vm(ada, vmId)).toMatchObject({ image: "lab", ramMb: 512, state: "stopped" });
  });

  test("makes a failed VM whole again", async () => {
    cloud.driver.before.set("create", boom);
    const { vm, jobId } = await cloud.call(ada, "vm.create", { ...lab, name: "web01" });
    await cloud.jobEnd(ada, jobId);
    cloud.driver.before.clear();
    await done(cloud.call(ada, "vm.rebuild", { vmId: vm.id }));
    expect(await cloud.vm(ada, vm.id)).toMatchObject({ state: "running", error: null });
    expect(burn()).toBe(fullPrice(lab));
  });

  test("that fails leaves a failed VM that costs nothing, and nothing on the host", async () => {
    const { id: vmId } = await launch(cloud, ada);
    cloud.driver.before.set("create", boom);
    const { jobId } = await cloud.call(ada, "vm.rebuild", { vmId });
    await cloud.jobEnd(ada, jobId);
    expect(await cloud.vm(ada, vmId)).toMatchObject({ state: "failed" });
    expect(await cloud.onHost()).toEqual([]);
    expect(burn()).toBe(0);
  });
});

describe("vm.clone", () => {
  test("makes a running copy of a stopped VM, which cannot be used meanwhile", async () => {
    const source = await stopped();
    const { vm, jobId } = await cloud.call(ada, "vm.clone", { vmId: source.id, name: "web02" });
    expect(vm).toMatchObject({ name: "web02", state: "pending", ramMb: 512 });
    expect(held()).toBe(fullPrice(lab));
    expect(await refusal(cloud.call(ada, "vm.start", { vmId: source.id }))).toMatchObject({
      code: "conflict",
      message: "A job still works on this VM",
    });
    await cloud.jobEnd(ada, jobId);
    expect(await cloud.vm(ada, source.id)).toMatchObject({ state: "stopped", activeJobId: null });
    expect((await cloud.onHost()).toSorted()).toEqual(["web01 stopped", "web02 running"]);
    expect([held(), burn()]).toEqual([0, fullPrice(lab) + diskPrice(lab)]);
  });

  test("that fails frees the source and gives the hold back", async () => {
    const source = await stopped();
    cloud.driver.before.set("clone", boom);
    const { vm, jobId } = await cloud.call(ada, "vm.clone", { vmId: source.id, name: "web02" });
    await cloud.jobEnd(ada, jobId);
    expect(await cloud.vm(ada, vm.id)).toMatchObject({ state: "failed" });
    expect(await cloud.vm(ada, source.id)).toMatchObject({
      state: "stopped",
      activeJobId: null,
      error: null,
    });
    expect([held(), burn()]).toEqual([0, diskPrice(lab)]);
  });

  test("takes a snapshot of a running VM, and refuses its disk", async () => {
    const { id: vmId } = await launch(cloud, ada);
    await done(cloud.call(ada, "snapshot.create", { vmId, name: "s" }));
    const [snapshot] = (await cloud.vm(ada, vmId)).snapshots;
    expect(await refusal(cloud.call(ada, "vm.clone", { vmId, name: "web02" }))).toMatchObject({
      code: "conflict",
    });
    await done(cloud.call(ada, "vm.clone", { vmId, name: "web02", snapshotId: snapshot?.id }));
    expect((await cloud.onHost()).toSorted()).toEqual(["web01 running", "web02 running"]);
  });
});

describe("snapshots", () => {
  async function taken(vmId: VmId, name = "before") {
    await done(cloud.call(ada, "snapshot.create", { vmId, name, description: "as it was" }));
    const { snapshots } = await cloud.call(ada, "snapshot.list", { vmId });
    const found = snapshots.find((snapshot) => snapshot.name === name);
    if (!found) throw new Error(`No snapshot ${name}`);
    return found;
  }

  test("are taken, gone back to, and deleted", async () => {
    const { id: vmId } = await stopped();
    const snapshot = await taken(vmId);
    expect(snapshot).toMatchObject({ state: "ready", description: "as it was" });
    await done(cloud.call(ada, "snapshot.restore", { vmId, snapshotId: snapshot.id }));
    expect(await cloud.vm(ada, vmId)).toMatchObject({ state: "stopped", snapshots: [{ state: "ready" }] });
    await done(cloud.call(ada, "snapshot.delete", { vmId, snapshotId: snapshot.id }));
    expect((await cloud.vm(ada, vmId)).snapshots).toEqual([]);
    expect(await cloud.driver.listSnapshots({ vmId, ownerId: ada.userId, name: "web01" })).toEqual([]);
  });

  test("of a running VM leave it running", async () => {
    const { id: vmId } = await launch(cloud, ada);
    const snapshot = await taken(vmId);
    expect(await cloud.vm(ada, vmId)).toMatchObject({ state: "running", activeJobId: null });
    await done(cloud.call(ada, "snapshot.restore", { vmId, snapshotId: snapshot.id }));
    expect(await cloud.vm(ada, vmId)).toMatchObject({ state: "running" });
  });

  test("have a name once per VM, and a quota", async () => {
    const { id: vmId } = await stopped();
    await taken(vmId);
    expect(await refusal(cloud.call(ada, "snapshot.create", { vmId, name: "before" }))).toMatchObject({
      code: "conflict",
      field: "name",
    });
    cloud.quotas.set(ada.userId, { snapshots: 1 });
    expect(await refusal(cloud.call(ada, "snapshot.create", { vmId, name: "after" }))).toMatchObject({
      code: "quota_exceeded",
    });
  });

  test("that fail leave nothing, or an entry to delete where the host cannot tell", async () => {
    const { id: vmId } = await stopped();
    cloud.driver.after.set("createSnapshot", boom);
    await cloud.jobEnd(ada, (await cloud.call(ada, "snapshot.create", { vmId, name: "one" })).jobId);
    expect((await cloud.vm(ada, vmId)).snapshots).toEqual([]);

    cloud.driver.before.set("listSnapshots", boom);
    await cloud.jobEnd(ada, (await cloud.call(ada, "snapshot.create", { vmId, name: "two" })).jobId);
    const [left] = (await cloud.vm(ada, vmId)).snapshots;
    expect(left).toMatchObject({ name: "two", state: "failed" });
    cloud.driver.before.clear();
    const snapshotId = left?.id ?? 0;
    await done(cloud.call(ada, "snapshot.delete", { vmId, snapshotId }));
    expect((await cloud.vm(ada, vmId)).snapshots).toEqual([]);
  });

  test("what the driver cannot do is refused before anything is written", async () => {
    const { id: vmId } = await launch(cloud, ada);
    cloud.driver.abilities = { snapshots: false, snapshotWhileRunning: false, resize: false, clone: false };
    for (const refused of [
      cloud.call(ada, "snapshot.create", { vmId, name: "s" }),
      cloud.call(ada, "vm.clone", { vmId, name: "web02" }),
      cloud.call(ada, "vm.resize", { vmId, ramMb: 1_024 }),
    ])
      expect(await refusal(refused)).toMatchObject({ code: "unsupported" });
    expect((await cloud.call(ada, "job.list", {})).jobs).toHaveLength(1);
  });

  test("of another VM are as absent as none", async () => {
    const one = await stopped("one");
    const two = await stopped("two");
    const snapshot = await taken(one.id);
    expect(
      await refusal(cloud.call(ada, "snapshot.restore", { vmId: two.id, snapshotId: snapshot.id })),
    ).toEqual({ code: "not_found", message: "No such snapshot", field: undefined });
  });
});

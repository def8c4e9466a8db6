/** What administrators do with all VMs, bulk actions, handing over, orphans, and jobs asked for again. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { eq } from "drizzle-orm";
import { fullPrice, vmId as vmIdSchema } from "#protocol";
import { users, vms } from "../../../db/schema/index.ts";
import type { Session } from "../../../server/core/caller.ts";
import { AppError } from "../../../server/core/errors.ts";
import { failing, hanging } from "./faulty-driver.ts";
import { lab, launch, openCloud, refusal, type TestCloud } from "./test-cloud.ts";

// A busy machine lets these wait; what they check is no matter of time.
setDefaultTimeout(60_000);

let cloud: TestCloud;
let ada: Session;
let bob: Session;
let root: Session;
beforeEach(() => {
  cloud = openCloud();
  ada = cloud.user("ada");
  bob = cloud.user("bob");
  root = cloud.user("root", "admin");
});
afterEach(() => cloud.close());

const ended = async (work: Promise<{ jobId: number }>, session = ada) =>
  cloud.jobEnd(session, (await work).jobId);
const boom = failing(new AppError("driver_failed", "The pool is full"));

describe("an administrator", () => {
  test("sees and acts on every VM, by name in its job", async () => {
    const { id: vmId } = await launch(cloud, ada);
    expect((await cloud.call(root, "vm.get", { vmId })).vm.ownerName).toBe("ada");
    expect((await cloud.call(root, "vm.list", {})).vms).toEqual([]);
    const job = await ended(cloud.call(root, "vm.stop", { vmId }), root);
    expect(job).toMatchObject({ state: "succeeded", ownerName: "ada", actorName: "root" });
    // The owner sees who it was.
    expect((await cloud.call(ada, "job.get", { jobId: job.id })).job.actorName).toBe("root");
  });

  test("finds VMs by text, owner, class, state, image and tag", async () => {
    cloud.db.orm.update(users).set({ className: "5A" }).where(eq(users.id, bob.userId)).run();
    await ended(cloud.call(ada, "vm.create", { ...lab, name: "web01", label: "100 % mine", tags: ["exam"] }));
    await ended(cloud.call(bob, "vm.create", { ...lab, name: "db01", image: "debian-12" }), bob);
    const names = async (filter: object) =>
      (await cloud.call(root, "admin.vm.list", filter)).vms.map(({ name }) => name);
    expect(await names({})).toEqual(["db01", "web01"]);
    expect(await names({ search: "100 %" })).toEqual(["web01"]);
    expect(await names({ search: "_" })).toEqual([]);
    expect(await names({ search: "bob" })).toEqual(["db01"]);
    expect(await names({ ownerId: ada.userId })).toEqual(["web01"]);
    expect(await names({ className: "5A" })).toEqual(["db01"]);
    expect(await names({ state: "stopped" })).toEqual([]);
    expect(await names({ image: "debian-12" })).toEqual(["db01"]);
    expect(await names({ tag: "exam" })).toEqual(["web01"]);
    expect(await names({ sort: "owner", order: "asc" })).toEqual(["web01", "db01"]);
  });

  test.each([
    ["createdAt", "desc"],
    ["name", "asc"],
    ["owner", "desc"],
    ["ramMb", "asc"],
  ] as const)("pages by %s, %s, without a repeat or a gap while VMs come", async (sort, order) => {
    const row = { image: "lab", ramMb: 512, cpuCores: 1, diskGb: 10, driver: "simulated" as const };
    const insert = (name: string, ramMb: number) =>
      cloud.db.orm
        .insert(vms)
        .values({ ...row, name, ramMb, ownerId: ada.userId, state: "stopped", createdAtMs: 5 })
        .run();
    for (let n = 0; n < 25; n++) insert(`vm-${String.fromCharCode(97 + n)}`, 512 + 256 * (n % 3));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await cloud.call(root, "admin.vm.list", {
        sort,
        order,
        limit: 4,
        ...(cursor && { cursor }),
      });
      seen.push(...page.vms.map(({ name }) => name));
      cursor = page.nextCursor ?? undefined;
      if (seen.length === 4) insert("vm-new", 512);
    } while (cursor !== undefined);
    const old = seen.filter((name) => name !== "vm-new");
    expect(old).toHaveLength(25);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test("is refused a cursor of another list, of another user, or made up", async () => {
    for (const name of ["one", "two"]) await launch(cloud, ada, name);
    const { nextCursor } = await cloud.call(root, "admin.vm.list", { limit: 1 });
    const borrowed = cloud.user("other", "admin");
    for (const [session, input] of [
      [root, { limit: 1, sort: "name" as const, cursor: nextCursor ?? "" }],
      [borrowed, { limit: 1, cursor: nextCursor ?? "" }],
      [root, { limit: 1, cursor: "made-up" }],
    ] as const)
      expect(await refusal(cloud.call(session, "admin.vm.list", input))).toMatchObject({
        code: "invalid_input",
        field: "cursor",
      });
  });

  test("stops everything, boots under way included", async () => {
    await launch(cloud, ada, "web01");
    const { id: vmId } = await launch(cloud, bob, "db01");
    await ended(cloud.call(bob, "vm.stop", { vmId }), bob);
    const boot = await cloud.call(bob, "vm.start", { vmId });
    const { results } = await cloud.call(root, "admin.stopAll", { confirm: "stop everything" });
    expect(results.map(({ error }) => error)).toEqual([null, null]);
    expect(await cloud.jobEnd(bob, boot.jobId)).toMatchObject({ state: "cancelled" });
    await cloud.until("all to be off", async () =>
      (await cloud.onHost()).every((line) => line.endsWith(" stopped")),
    );
  });
});

describe("vm.bulk", () => {
  test("gives one result per VM, and one refusal leaves the others alone", async () => {
    const one = await launch(cloud, ada, "one");
    const two = await launch(cloud, ada, "two");
    const foreign = await launch(cloud, bob, "three");
    await ended(cloud.call(ada, "vm.stop", { vmId: two.id }));
    const absent = vmIdSchema.parse(4_711);
    const { results } = await cloud.call(ada, "vm.bulk", {
      vmIds: [one.id, two.id, foreign.id, absent, one.id],
      action: "stop",
    });
    expect(results.map(({ vmId, error }) => [vmId, error?.code ?? null])).toEqual([
      [one.id, null],
      [two.id, "conflict"],
      [foreign.id, "not_found"],
      [absent, "not_found"],
    ]);
    expect(results[2]?.error).toEqual(results[3]?.error ?? null);
  });
});

describe("handed over", () => {
  test("VMs keep folder and domain, and cost their new owner", async () => {
    const { id: vmId } = await launch(cloud, ada, "web01");
    cloud.vms.admin.transfer(ada.userId, bob.userId);
    expect(await refusal(cloud.call(ada, "vm.get", { vmId }))).toMatchObject({ code: "not_found" });
    expect(cloud.vms.find(bob, vmId).ref).toEqual({ vmId, ownerId: ada.userId, name: "web01" });
    await ended(cloud.call(bob, "vm.restart", { vmId }), bob);
    expect(await cloud.onHost()).toEqual(["web01 running"]);
    expect(cloud.credits.viewOf(ada.userId).burnPerHour).toBe(0);
    expect(cloud.credits.viewOf(bob.userId).burnPerHour).toBe(fullPrice(lab));
    // The folder is still ada's by name.
    expect(await refusal(cloud.call(ada, "vm.create", { ...lab, name: "web01" }))).toMatchObject({
      code: "conflict",
      field: "name",
    });
    expect((await cloud.vms.reconcile()).orphans).toEqual([]);
  });

  test("all or none: a name or a quota in the way moves nothing", async () => {
    await launch(cloud, ada, "one");
    await launch(cloud, ada, "web01");
    await launch(cloud, bob, "web01");
    expect(() => cloud.vms.admin.transfer(ada.userId, bob.userId)).toThrow("already has a VM named web01");
    expect((await cloud.call(ada, "vm.list", {})).vms).toHaveLength(2);
    cloud.quotas.set(root.userId, { vms: 1 });
    expect(() => cloud.vms.admin.transfer(ada.userId, root.userId)).toThrow("quota");
    expect((await cloud.call(ada, "vm.list", {})).vms).toHaveLength(2);
  });
});

describe("an orphan", () => {
  test("is shown, and removed only by its typed name", async () => {
    const { id: vmId } = await launch(cloud, ada);
    cloud.db.orm.update(vms).set({ destroyedAtMs: 1 }).where(eq(vms.id, vmId)).run();
    const { orphans } = await cloud.call(root, "admin.orphan.list", {});
    expect(orphans).toEqual([
      { vmId, ownerId: ada.userId, ownerName: "ada", name: "web01", state: "running" },
    ]);
    expect(await refusal(cloud.call(ada, "vm.create", { ...lab, name: "web01" }))).toMatchObject({
      code: "conflict",
      field: "name",
    });
    expect(await refusal(cloud.call(root, "admin.orphan.remove", { vmId, name: "web02" }))).toMatchObject({
      code: "invalid_input",
      field: "name",
    });
    const removing = cloud.call(root, "admin.orphan.remove", { vmId, name: "web01" });
    await cloud.until("it to be gone", async () => (await cloud.onHost()).length === 0);
    await removing;
    await launch(cloud, ada);
  });

  test("that the database knows after all is not removed", async () => {
    const { id: vmId } = await launch(cloud, ada);
    expect(await refusal(cloud.call(root, "admin.orphan.remove", { vmId, name: "web01" }))).toMatchObject({
      code: "not_found",
    });
    expect(await cloud.onHost()).toEqual(["web01 running"]);
  });
});

describe("job.retry", () => {
  test("of a failed create makes that very VM, for one hold", async () => {
    cloud.driver.before.set("create", boom);
    const { vm, jobId } = await cloud.call(ada, "vm.create", { ...lab, name: "web01", label: "mine" });
    await cloud.jobEnd(ada, jobId);
    cloud.driver.before.clear();
    expect(await ended(cloud.call(ada, "job.retry", { jobId }))).toMatchObject({ state: "succeeded" });
    expect(await cloud.vm(ada, vm.id)).toMatchObject({ state: "running", label: "mine" });
    expect(cloud.credits.viewOf(ada.userId).held).toBe(0);
  });

  test("of a failed create whose VM was destroyed makes it as a new one", async () => {
    cloud.driver.before.set("create", boom);
    const { vm, jobId } = await cloud.call(ada, "vm.create", { ...lab, name: "web01", tags: ["exam"] });
    await cloud.jobEnd(ada, jobId);
    cloud.driver.before.clear();
    await ended(cloud.call(ada, "vm.destroy", { vmId: vm.id }));
    await ended(cloud.call(ada, "job.retry", { jobId }));
    const [made] = (await cloud.call(ada, "vm.list", {})).vms;
    expect(made).toMatchObject({ name: "web01", state: "running", tags: ["exam"] });
    expect(made?.id).not.toBe(vm.id);
  });

  test("of a failed clone copies the same source", async () => {
    const { id: vmId } = await launch(cloud, ada);
    await ended(cloud.call(ada, "vm.stop", { vmId }));
    cloud.driver.before.set("clone", boom);
    const { jobId } = await cloud.call(ada, "vm.clone", { vmId, name: "web02" });
    await cloud.jobEnd(ada, jobId);
    cloud.driver.before.clear();
    expect(await ended(cloud.call(ada, "job.retry", { jobId }))).toMatchObject({ state: "succeeded" });
    expect((await cloud.onHost()).toSorted()).toEqual(["web01 stopped", "web02 running"]);
  });

  test.each(["vm.resize", "snapshot.create"] as const)("of a failed %s does it", async (kind) => {
    const { id: vmId } = await launch(cloud, ada);
    await ended(cloud.call(ada, "vm.stop", { vmId }));
    cloud.driver.before.set(kind === "vm.resize" ? "resize" : "createSnapshot", boom);
    const { jobId } =
      kind === "vm.resize"
        ? await cloud.call(ada, kind, { vmId, ramMb: 1_024 })
        : await cloud.call(ada, kind, { vmId, name: "before" });
    await cloud.jobEnd(ada, jobId);
    cloud.driver.before.clear();
    expect(await ended(cloud.call(ada, "job.retry", { jobId }))).toMatchObject({ kind, state: "succeeded" });
  });

  test("follows the rules of its command, and is only for jobs that failed", async () => {
    const { id: vmId } = await launch(cloud, ada);
    const { jobId } = await cloud.call(ada, "vm.stop", { vmId });
    expect(await refusal(cloud.call(ada, "job.retry", { jobId }))).toMatchObject({ code: "conflict" });
    await cloud.jobEnd(ada, jobId);
    expect(await refusal(cloud.call(ada, "job.retry", { jobId }))).toMatchObject({
      message: "This job succeeded: there is nothing to do again",
    });
    cloud.driver.before.set("start", boom);
    const failed = await ended(cloud.call(ada, "vm.start", { vmId }));
    cloud.driver.before.clear();
    await ended(cloud.call(ada, "vm.start", { vmId }));
    expect(await refusal(cloud.call(ada, "job.retry", { jobId: failed.id }))).toMatchObject({
      code: "conflict",
      message: "This VM is already running",
    });
    expect(await refusal(cloud.call(bob, "job.retry", { jobId: failed.id }))).toMatchObject({
      code: "not_found",
    });
  });
});

describe("destroying", () => {
  test("asked twice is the same job", async () => {
    const { id: vmId } = await launch(cloud, ada);
    const first = await cloud.call(ada, "vm.destroy", { vmId });
    const second = await cloud.call(ada, "vm.destroy", { vmId });
    expect(second.jobId).toBe(first.jobId);
    expect(await refusal(cloud.call(ada, "vm.start", { vmId }))).toMatchObject({
      code: "conflict",
      message: "This VM is being destroyed",
    });
  });

  test("a VM under way gives its hold back once", async () => {
    cloud.driver.before.set("create", hanging);
    const { vm } = await cloud.call(ada, "vm.create", { ...lab, name: "web01" });
    expect(cloud.credits.viewOf(ada.userId).held).toBe(fullPrice(lab));
    cloud.driver.before.clear();
    const { jobId } = await cloud.call(ada, "vm.destroy", { vmId: vm.id });
    await cloud.until("the end", async () => {
      cloud.clock.advance(60_000);
      return (await cloud.call(ada, "job.get", { jobId })).job.endedAtMs !== null;
    });
    const { entries } = await cloud.call(ada, "credits.ledger", {});
    expect(entries.filter(({ kind }) => kind === "release")).toHaveLength(1);
    expect(cloud.credits.viewOf(ada.userId).held).toBe(0);
  });
});

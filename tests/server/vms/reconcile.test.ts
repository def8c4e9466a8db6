/** What a start makes of the rows, jobs and machines it finds. */
import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { openDb } from "../../../db/client.ts";
import { vms } from "../../../db/schema/index.ts";
import type { Session } from "../../../server/core/caller.ts";
import { failing, hanging } from "./faulty-driver.ts";
import { lab, launch, openCloud, refusal, type TestCloud } from "./test-cloud.ts";

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const it of opened.splice(0).toReversed()) await it.close();
});

/** A cloud on a database and machines that outlive it, so that a second one finds what the first left. */
function openHome() {
  const home = mkdtempSync(join(tmpdir(), "twarga-home-"));
  opened.push({ close: () => rmSync(home, { recursive: true, force: true }) });
  return () => {
    const cloud = openCloud({ db: openDb(join(home, "db.sqlite")), vmsDir: join(home, "vms") });
    opened.push({ close: () => cloud.close() });
    return cloud;
  };
}

/** The row as a crash would have left it, with a job that nobody works on. */
function interrupt(
  cloud: TestCloud,
  session: Session,
  vmId: number,
  kind: "start" | "stop" | "restart" | "destroy",
) {
  const { view } = cloud.vms.find(session, vmId as typeof view.id);
  const state = {
    start: "starting",
    stop: "stopping",
    restart: "restarting",
    destroy: "destroying",
  } as const;
  const job = cloud.jobs.runner.create({
    kind: `vm.${kind}`,
    ownerId: session.userId,
    actor: null,
    vmId: view.id,
    targetName: view.name,
  });
  cloud.db.orm.update(vms).set({ state: state[kind], activeJobId: job.id }).where(eq(vms.id, view.id)).run();
  return job.id;
}

describe("after a clean stop", () => {
  test("rows and host agree and nothing is changed", async () => {
    const cloud = openHome()();
    const vm = await launch(cloud, cloud.user("ada"));
    cloud.heard.length = 0;
    expect(await cloud.vms.reconcile()).toMatchObject({
      hostAnswered: true,
      settledJobs: 0,
      resumedJobs: 0,
      changedVms: 0,
      orphans: [],
    });
    expect(cloud.heard).toEqual([]);
    expect(vm.state).toBe("running");
  });
});

describe("interrupted jobs", () => {
  test("a start whose VM runs has succeeded, one whose VM does not run has failed", async () => {
    const cloud = openHome()();
    const ada = cloud.user("ada");
    const { id: runs } = await launch(cloud, ada, "runs");
    const { id: off } = await launch(cloud, ada, "off");
    await cloud.jobEnd(ada, (await cloud.call(ada, "vm.stop", { vmId: off })).jobId);
    const jobs = [interrupt(cloud, ada, runs, "start"), interrupt(cloud, ada, off, "start")] as const;

    expect(await cloud.vms.reconcile()).toMatchObject({ settledJobs: 2, resumedJobs: 0 });
    expect(await cloud.vm(ada, runs)).toMatchObject({ state: "running", activeJobId: null, error: null });
    expect(await cloud.vm(ada, off)).toMatchObject({
      state: "stopped",
      activeJobId: null,
      error: { message: "Interrupted by a restart of the server" },
    });
    const states = await Promise.all(jobs.map(async (jobId) => (await cloud.jobEnd(ada, jobId)).state));
    expect(states).toEqual(["succeeded", "failed"]);
  });

  test("a destroy goes on as the same job", async () => {
    const cloud = openHome()();
    const ada = cloud.user("ada");
    const { id: vmId } = await launch(cloud, ada);
    const jobId = interrupt(cloud, ada, vmId, "destroy");
    expect(await cloud.vms.reconcile()).toMatchObject({ settledJobs: 0, resumedJobs: 1 });
    expect((await cloud.jobEnd(ada, jobId)).state).toBe("succeeded");
    expect(await cloud.onHost()).toEqual([]);
  });

  test("a job that a destroy had taken over is cancelled, and the destroy goes on", async () => {
    const cloud = openHome()();
    const ada = cloud.user("ada");
    const { id: vmId } = await launch(cloud, ada);
    const overtaken = interrupt(cloud, ada, vmId, "restart");
    const destroy = interrupt(cloud, ada, vmId, "destroy");
    expect(await cloud.vms.reconcile()).toMatchObject({ settledJobs: 1, resumedJobs: 1 });
    expect((await cloud.jobEnd(ada, overtaken)).state).toBe("cancelled");
    expect((await cloud.jobEnd(ada, destroy)).state).toBe("succeeded");
    expect(await cloud.onHost()).toEqual([]);
  });

  test("a silent hypervisor leaves states unknown and does not hold the start up for ever", async () => {
    const cloud = openHome()();
    const ada = cloud.user("ada");
    const { id: vmId } = await launch(cloud, ada);
    const jobId = interrupt(cloud, ada, vmId, "stop");
    cloud.driver.before.set("inspect", hanging);
    const reconciling = cloud.vms.reconcile();
    await cloud.until("the end of waiting", () => Bun.peek.status(reconciling) === "fulfilled");
    expect(await reconciling).toMatchObject({ hostAnswered: false, settledJobs: 1 });
    expect((await cloud.vm(ada, vmId)).state).toBe("unknown");
    expect((await cloud.jobEnd(ada, jobId)).state).toBe("failed");
  });
});

describe("a stop of the server in the middle of work", () => {
  test("leaves the job to the next start, which undoes a create", async () => {
    const open = openHome();
    const first = open();
    const ada = first.user("ada");
    const { vm, jobId } = await first.call(ada, "vm.create", { ...lab, name: "web01" });
    first.clock.advance(1_500);
    await first.close();
    opened.pop();

    const second = open();
    const report = await second.vms.reconcile();
    expect(report).toMatchObject({ resumedJobs: 1, orphans: [] });
    expect(await second.jobEnd(ada, jobId)).toMatchObject({
      state: "failed",
      error: { message: "Interrupted by a restart of the server" },
    });
    expect(await second.vm(ada, vm.id)).toMatchObject({ state: "failed", activeJobId: null });
    expect(await second.onHost()).toEqual([]);
    const { lines } = await second.call(ada, "job.get", { jobId });
    expect(lines.map(({ n }) => n)).toEqual(lines.map((_, index) => index + 1));
    expect(lines.some(({ text }) => text.includes("The server was restarted"))).toBe(true);
  });
});

describe("what changed while the server was down", () => {
  test("a VM that went off is stopped, one that vanished is failed", async () => {
    const cloud = openHome()();
    const ada = cloud.user("ada");
    const { id: off } = await launch(cloud, ada, "off");
    const { id: lost } = await launch(cloud, ada, "lost");
    const { ref } = cloud.vms.find(ada, off);
    cloud.driver.inspect = async () => [{ ref, state: "stopped", ip: null }];
    expect(await cloud.vms.reconcile()).toMatchObject({ changedVms: 2 });
    expect((await cloud.vm(ada, off)).state).toBe("stopped");
    expect((await cloud.vm(ada, lost)).state).toBe("failed");
  });

  test("a machine without a row is reported, kept, and its name is not given out", async () => {
    const cloud = openHome()();
    const ada = cloud.user("ada");
    const { id } = await launch(cloud, ada);
    const { ref } = cloud.vms.find(ada, id);
    cloud.db.orm.delete(vms).where(eq(vms.id, id)).run();

    expect((await cloud.vms.reconcile()).orphans).toEqual([ref]);
    expect(await cloud.onHost()).toEqual(["web01 running"]);
    expect(await refusal(cloud.call(ada, "vm.create", { ...lab, name: "web01" }))).toEqual({
      code: "conflict",
      message: "A VM named web01 is left on the host; an administrator must remove it",
      field: "name",
    });
  });

  test("a row that says starting without a job follows the fact", async () => {
    const cloud = openHome()();
    const ada = cloud.user("ada");
    const { id } = await launch(cloud, ada);
    cloud.db.orm.update(vms).set({ state: "starting" }).where(eq(vms.id, id)).run();
    await cloud.vms.reconcile();
    expect((await cloud.vm(ada, id)).state).toBe("running");
  });
});

describe("rows edited by hand", () => {
  test("do not stop the start, and a state that is none gives way to the fact", async () => {
    const cloud = openHome()();
    const ada = cloud.user("ada");
    const { id } = await launch(cloud, ada);
    // As a text, because no type allows it.
    cloud.db.sqlite.run("update vms set state = 'sleeping', active_job_id = 77 where id = ?", [id]);
    await cloud.vms.reconcile();
    expect(await cloud.vm(ada, id)).toMatchObject({ state: "running", activeJobId: null });
    await cloud.jobEnd(ada, (await cloud.call(ada, "vm.destroy", { vmId: id })).jobId);
    expect(await cloud.onHost()).toEqual([]);
  });

  test("cannot lead a driver out of its folder", async () => {
    const cloud = openHome()();
    const ada = cloud.user("ada");
    const { id } = await launch(cloud, ada);
    const outside = join(cloud.vmsDir, "..", "outside");
    mkdirSync(join(cloud.vmsDir, "user1-x"), { recursive: true });
    mkdirSync(outside);
    cloud.db.orm.update(vms).set({ name: "x/../../outside" }).where(eq(vms.id, id)).run();
    expect((await cloud.vms.reconcile()).hostAnswered).toBe(true);
    const ref = { vmId: id, ownerId: ada.userId, name: "x/../../outside" };
    const run = { signal: new AbortController().signal, output() {}, step() {}, program: () => () => {} };
    await cloud.driver.destroy(ref, run);
    const image = { id: "lab", box: "twarga/lab", sshUser: "twarga" };
    const machine = { ...ref, ...lab, image, sshKeys: [], startupScript: null };
    expect(await refusal(cloud.driver.create(machine, run))).toMatchObject({
      code: "invalid_input",
    });
    expect(existsSync(outside)).toBe(true);
  });
});

describe("a VM of another driver", () => {
  test("is shown as unknown and refuses every action with the reason", async () => {
    const cloud = openHome()();
    const ada = cloud.user("ada");
    const { id: vmId } = await launch(cloud, ada);
    cloud.db.orm.update(vms).set({ driver: "vagrant" }).where(eq(vms.id, vmId)).run();
    const jobId = interrupt(cloud, ada, vmId, "stop");
    cloud.driver.before.set("inspect", failing(new Error("not asked")));
    await cloud.vms.reconcile();

    const reason =
      "This VM was made by the vagrant driver, but the server now runs with the simulated driver";
    expect((await cloud.jobEnd(ada, jobId)).error?.message).toBe(reason);
    expect(await cloud.vm(ada, vmId)).toMatchObject({ state: "unknown", error: { message: reason } });
    for (const name of ["vm.start", "vm.stop", "vm.restart", "vm.destroy"] as const)
      expect(await refusal(cloud.call(ada, name, { vmId }))).toMatchObject({
        code: "conflict",
        message: reason,
      });
  });
});

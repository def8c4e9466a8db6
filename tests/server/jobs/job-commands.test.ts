/** Jobs on their own: output, cancel, deadlines, rights, and an end that is always written. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { eq } from "drizzle-orm";
import { type JobId, limits } from "#protocol";
import { jobLines, jobs as jobRows } from "../../../db/schema/index.ts";
import type { Session } from "../../../server/core/caller.ts";
import { AppError } from "../../../server/core/errors.ts";
import type { JobRun } from "../../../server/core/jobs.ts";
import { lab, launch, openCloud, refusal, type TestCloud } from "../vms/test-cloud.ts";

let cloud: TestCloud;
let ada: Session;
beforeEach(() => {
  cloud = openCloud();
  ada = cloud.user("ada");
});
afterEach(() => cloud.close());

function newJob(kind: "vm.create" | "vm.stop" = "vm.create"): JobId {
  return cloud.jobs.runner.create({
    kind,
    ownerId: ada.userId,
    vmId: vmId(77),
    targetName: "web01",
    actor: null,
  }).id;
}

const vmId = (id: number) => id as Parameters<TestCloud["vms"]["ownerOf"]>[0];

/** Starts work that ends when told to. */
function held(jobId: JobId) {
  const gate = Promise.withResolvers<string>();
  const started = Promise.withResolvers<JobRun>();
  const done = cloud.jobs.runner.run(jobId, {
    work(run) {
      started.resolve(run);
      run.signal.addEventListener("abort", () => gate.reject(new Error("killed")));
      return gate.promise;
    },
    settle() {},
  });
  return { run: started.promise, finish: gate.resolve, done };
}

const topic = (name: string) => {
  const found = cloud.jobs.topics.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`No topic ${name}`);
  return found;
};
const snapshotOf = (session: Session, key: string) =>
  topic("job.output").snapshot({ session, ownerId: null, key }) as { lines: { n: number; text: string }[] };
const storedLines = (jobId: JobId) =>
  cloud.db.orm.select().from(jobLines).where(eq(jobLines.jobId, jobId)).all();

describe("output", () => {
  test("is published ten times a second and stored once a second", async () => {
    const jobId = newJob();
    const { run, finish, done } = held(jobId);
    for (let i = 1; i <= 30; i++) (await run).output("info", `line ${i}`);
    expect(cloud.eventsOf("job.output")).toEqual([]);
    cloud.clock.advance(100);
    expect(cloud.eventsOf("job.output").map(({ lines }) => lines.length)).toEqual([30]);
    expect(storedLines(jobId)).toHaveLength(0);
    cloud.clock.advance(900);
    expect(storedLines(jobId)).toHaveLength(30);
    (await run).output("error", "the last word");
    finish("done");
    await done;
    expect(storedLines(jobId).at(-1)).toMatchObject({ n: 31, stream: "error", text: "the last word" });
    expect(cloud.eventsOf("job.output").flatMap(({ lines }) => lines)).toHaveLength(31);
  });

  test("comes without escape sequences, progress bars and endless lines", async () => {
    const jobId = newJob();
    const { run, finish, done } = held(jobId);
    (await run).output(
      "info",
      "\u001b[31mred\u001b[0m\r\n10%\r50%\r100%\r\n\n\u001b]0;title\u0007bell\u0007",
    );
    (await run).output("info", "x".repeat(10_000));
    finish("");
    await done;
    const texts = storedLines(jobId).map(({ text }) => text);
    expect(texts.slice(0, 3)).toEqual(["red", "100%", "bell"]);
    expect(texts[3]).toHaveLength(2_000);
  });

  test("keeps the newest lines of a flood, in memory and in the database", async () => {
    const jobId = newJob();
    const { run, finish, done } = held(jobId);
    for (let i = 1; i <= 2_500; i++) {
      (await run).output("info", `line ${i}`);
      if (i % 700 === 0) cloud.clock.advance(1_000);
    }
    finish("");
    await done;
    const lines = storedLines(jobId);
    expect(lines).toHaveLength(limits.jobOutputLines);
    expect(lines.at(-1)?.text).toBe("line 2500");
  });

  test("a snapshot and the events after it hold every line once", async () => {
    const jobId = newJob();
    const { run, finish, done } = held(jobId);
    (await run).output("info", "one");
    cloud.clock.advance(100);
    (await run).output("info", "two");
    const snapshot = snapshotOf(ada, String(jobId));
    cloud.heard.length = 0;
    (await run).output("info", "three");
    finish("");
    await done;
    const after = cloud.eventsOf("job.output").flatMap(({ lines }) => lines);
    expect([...snapshot.lines, ...after].map(({ text }) => text)).toEqual(["one", "two", "three"]);
  });

  test("steps move the progress forward only and are told at most ten times a second", async () => {
    const jobId = newJob();
    const { run, finish, done } = held(jobId);
    cloud.heard.length = 0;
    (await run).step("Booting", 0.5);
    (await run).step("Booting", 0.6);
    (await run).step("Waiting", 0.3);
    cloud.clock.advance(100);
    expect(cloud.eventsOf("job.state").map(({ job }) => [job.step, job.progress])).toEqual([
      ["Waiting", 0.6],
    ]);
    finish("");
    await done;
  });
});

describe("job.cancel", () => {
  test("ends a create, which leaves nothing and a VM that says so", async () => {
    const { vm, jobId } = await cloud.call(ada, "vm.create", { ...lab, name: "web01" });
    cloud.clock.advance(500);
    const { job } = await cloud.call(ada, "job.cancel", { jobId });
    expect(job).toMatchObject({ state: "running", cancellable: false });
    expect(await cloud.jobEnd(ada, jobId)).toMatchObject({
      state: "cancelled",
      error: { message: "Cancelled by ada" },
    });
    expect(await cloud.vm(ada, vm.id)).toMatchObject({
      state: "failed",
      error: { message: "Cancelled by ada" },
    });
    expect(await cloud.onHost()).toEqual([]);
  });

  test("is refused when the job has ended, is being cancelled, or is of a kind that runs to its end", async () => {
    const { id } = await launch(cloud, ada);
    const [created] = (await cloud.call(ada, "job.list", {})).jobs;
    expect(await refusal(cloud.call(ada, "job.cancel", { jobId: created?.id ?? 0 }))).toMatchObject({
      code: "conflict",
      message: "This job has already ended: it succeeded",
    });
    const { jobId } = await cloud.call(ada, "vm.stop", { vmId: id });
    expect((await refusal(cloud.call(ada, "job.cancel", { jobId }))).message).toBe(
      "A job of kind vm.stop cannot be cancelled: it runs to its end",
    );
    const second = await cloud.call(ada, "vm.create", { ...lab, name: "web02" });
    await cloud.call(ada, "job.cancel", { jobId: second.jobId });
    expect((await refusal(cloud.call(ada, "job.cancel", { jobId: second.jobId }))).message).toBe(
      "This job is already being cancelled",
    );
  });

  test("is allowed to an administrator, whose name is kept", async () => {
    const root = cloud.user("root", "admin");
    const { jobId } = await cloud.call(ada, "vm.create", { ...lab, name: "web01" });
    await cloud.call(root, "job.cancel", { jobId });
    expect((await cloud.jobEnd(ada, jobId)).error?.message).toBe("Cancelled by root");
  });
});

describe("somebody else's job", () => {
  test("answers exactly as one that does not exist, live output included", async () => {
    const mallory = cloud.user("mallory");
    const { jobId } = await cloud.call(ada, "vm.create", { ...lab, name: "web01" });
    for (const name of ["job.get", "job.cancel"] as const) {
      const foreign = await refusal(cloud.call(mallory, name, { jobId }));
      expect(foreign).toEqual({ code: "not_found", message: "No such job", field: undefined });
      expect(foreign).toEqual(await refusal(cloud.call(mallory, name, { jobId: 4711 })));
    }
    for (const key of [String(jobId), "4711", "", "1e3", "-1", "x"])
      expect(() => snapshotOf(mallory, key)).toThrow("No such job");
    expect((await cloud.call(mallory, "job.list", {})).jobs).toEqual([]);
  });
});

describe("the end of a job", () => {
  test("is written with what it means, or not at all", async () => {
    const jobId = newJob();
    let attempts = 0;
    const done = cloud.jobs.runner.run(jobId, {
      work: async () => "fine",
      settle() {
        attempts += 1;
        if (attempts < 3) throw new Error("disk full");
      },
    });
    const endedBefore = await cloud.until(
      "the first attempt",
      () => attempts > 0 && [cloud.jobs.runner.unfinished()],
    );
    expect(endedBefore[0]?.map(({ id }) => id)).toEqual([jobId]);
    await cloud.until("the third attempt", () => attempts === 3);
    expect(await done).toEqual({ ok: true, value: "fine" });
    expect(cloud.jobs.runner.unfinished()).toEqual([]);
  });

  test("comes at the deadline, as a timeout", async () => {
    const jobId = newJob("vm.stop");
    const { run, done } = held(jobId);
    await run;
    cloud.clock.advance(10 * 60_000);
    expect(await done).toMatchObject({ ok: false, cancelled: false, error: { code: "timeout" } });
    const row = cloud.db.orm.select().from(jobRows).where(eq(jobRows.id, jobId)).get();
    expect(row).toMatchObject({ state: "failed", errorCode: "timeout" });
  });

  test("comes even when the work ignores being stopped", async () => {
    const jobId = newJob("vm.stop");
    const done = cloud.jobs.runner.run(jobId, { work: () => new Promise(() => {}), settle() {} });
    cloud.clock.advance(10 * 60_000);
    cloud.clock.advance(10 * 60_000);
    expect(await done).toMatchObject({ ok: false, error: { code: "timeout" } });
  });

  test("keeps a driver's own words as detail when a cancel cuts it", async () => {
    const jobId = newJob();
    const done = cloud.jobs.runner.run(jobId, {
      work: (run) =>
        new Promise((_, reject) => {
          run.signal.addEventListener("abort", () =>
            reject(new AppError("driver_failed", "killed", { detail: "vagrant: signal 15" })),
          );
        }),
      settle() {},
    });
    await cloud.jobs.runner.abort(jobId, "Not needed");
    expect(await done).toEqual({
      ok: false,
      cancelled: true,
      error: { code: "cancelled", message: "Not needed", detail: "vagrant: signal 15" },
    });
  });
});

describe("job.list and job.state", () => {
  test("list the newest first, filtered by VM and state", async () => {
    const { id } = await launch(cloud, ada, "web01");
    await launch(cloud, ada, "web02");
    await cloud.jobEnd(ada, (await cloud.call(ada, "vm.stop", { vmId: id })).jobId);
    const kinds = (await cloud.call(ada, "job.list", { vmId: id })).jobs.map(({ kind }) => kind);
    expect(kinds).toEqual(["vm.stop", "vm.create"]);
    expect((await cloud.call(ada, "job.list", { state: "failed" })).jobs).toEqual([]);
    expect((await cloud.call(ada, "job.list", { limit: 1 })).jobs).toHaveLength(1);
  });

  test("a snapshot holds an active job older than the newest fifty", () => {
    const first = newJob();
    for (let i = 0; i < 60; i++) cloud.jobs.runner.close(newJob(), { ok: true, value: null });
    const request = { session: ada, ownerId: ada.userId, key: "" };
    const { jobs } = topic("job.state").snapshot(request) as { jobs: { id: JobId }[] };
    expect(jobs).toHaveLength(51);
    expect(jobs.at(-1)?.id).toBe(first);
  });
});

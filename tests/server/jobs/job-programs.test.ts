/** The programs of a job: what ran, as one could type it, when, and how it ended; kept over a crash. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Session } from "../../../server/core/caller.ts";
import type { JobRun } from "../../../server/core/jobs.ts";
import { openCloud, type TestCloud } from "../vms/test-cloud.ts";

let cloud: TestCloud;
let ada: Session;
beforeEach(() => {
  cloud = openCloud();
  ada = cloud.user("ada");
});
afterEach(() => cloud.close());

function newJob() {
  const actor = { id: ada.userId, name: "ada" };
  return cloud.jobs.runner.create({
    ...{ kind: "image.build", ownerId: ada.userId, actor, vmId: null },
    targetName: "Debian 12",
  }).id;
}

const work = (body: (run: JobRun) => void) => ({ work: async (run: JobRun) => body(run), settle() {} });

test("stand in order, with their times and exit codes, while the job runs and after it", async () => {
  const jobId = newJob();
  const startedAtMs = cloud.clock.now();
  const seen: unknown[] = [];
  const done = cloud.jobs.runner.run(jobId, {
    async work(run) {
      const ended = run.program(["vagrant", "up", "--provider", "libvirt"]);
      cloud.clock.advance(2_000);
      seen.push((await cloud.call(ada, "job.get", { jobId })).programs);
      ended(0);
      run.program(["virsh", "desc", "it's a name; rm -rf /"])(null);
    },
    settle() {},
  });
  expect(await done).toMatchObject({ ok: true });
  const first = { n: 1, commandLine: "vagrant up --provider libvirt", startedAtMs };
  expect(seen).toEqual([[{ ...first, endedAtMs: null, exitCode: null }]]);
  const second = { n: 2, commandLine: "virsh desc 'it'\\''s a name; rm -rf /'", exitCode: null };
  expect((await cloud.call(ada, "job.get", { jobId })).programs).toMatchObject([
    { ...first, endedAtMs: startedAtMs + 2_000, exitCode: 0 },
    { ...second, endedAtMs: startedAtMs + 2_000 },
  ]);
});

test("of a job that a crash cut stay, and those of its second run follow", async () => {
  const jobId = newJob();
  await cloud.jobs.runner.run(
    jobId,
    work((run) => run.program(["vagrant", "up"])(1)),
  );
  await cloud.jobs.runner.run(
    jobId,
    work((run) => run.program(["vagrant", "destroy"])(0)),
  );
  const { programs } = await cloud.call(ada, "job.get", { jobId });
  expect(programs.map(({ n, commandLine }) => [n, commandLine])).toEqual([
    [1, "vagrant up"],
    [2, "vagrant destroy"],
  ]);
});

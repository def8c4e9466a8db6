/** What ended jobs printed goes after a while; the jobs themselves stay. */
import { expect, test } from "bun:test";
import { userId, vmId } from "#protocol";
import { openDb } from "../../../db/client.ts";
import { jobLines, jobs } from "../../../db/schema/index.ts";
import { createBus } from "../../../server/core/bus.ts";
import { DAY_MS } from "../../../server/core/daily.ts";
import { createLog } from "../../../server/core/log.ts";
import { createCursors } from "../../../server/core/paging.ts";
import { createJobFeature } from "../../../server/features/jobs/index.ts";
import { pruneJobLines } from "../../../server/features/jobs/job-retention.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";

const NOW_MS = 100 * DAY_MS;

function dbWithJobs(ends: readonly (number | null)[]) {
  const db = openDb(":memory:");
  for (const endedAtMs of ends) {
    const { id } = db.orm
      .insert(jobs)
      .values({
        ...{
          kind: "vm.start",
          ownerId: userId.parse(1),
          vmId: vmId.parse(1),
          targetName: "web01",
          createdAtMs: 1,
        },
        ...{ state: endedAtMs === null ? "running" : "succeeded", endedAtMs },
      })
      .returning({ id: jobs.id })
      .get();
    for (const n of [1, 2])
      db.orm.insert(jobLines).values({ jobId: id, n, atMs: 1, stream: "info", text: "said" }).run();
  }
  const withLines = () =>
    db.orm
      .selectDistinct({ id: jobLines.jobId })
      .from(jobLines)
      .all()
      .map(({ id }) => Number(id));
  return { db, withLines };
}

test("lines of jobs that ended over 30 days ago go, those of jobs that never ended stay", () => {
  const { db, withLines } = dbWithJobs([NOW_MS - 31 * DAY_MS, null, NOW_MS - 29 * DAY_MS]);
  expect(pruneJobLines(db, NOW_MS)).toBe(2);
  expect(withLines()).toEqual([2, 3]);
  expect(db.orm.select().from(jobs).all()).toHaveLength(3);
});

test("only the newest ended jobs keep their lines", () => {
  const { db, withLines } = dbWithJobs([NOW_MS, NOW_MS, null, NOW_MS, NOW_MS]);
  pruneJobLines(db, NOW_MS, 2);
  expect(withLines()).toEqual([3, 4, 5]);
  expect(db.orm.select().from(jobs).all()).toHaveLength(5);
});

test("it happens at the start and every day", async () => {
  const { db, withLines } = dbWithJobs([NOW_MS - 31 * DAY_MS, NOW_MS - 29.5 * DAY_MS]);
  const clock = new ManualClock(NOW_MS);
  const feature = createJobFeature({
    ...{ db, bus: createBus(), clock, log: createLog("silent") },
    cursors: createCursors("a secret of the test"),
  });
  expect(withLines()).toEqual([2]);
  clock.advance(DAY_MS);
  expect(withLines()).toEqual([]);
  await feature.dispose();
  expect(clock.waiting).toBe(0);
});

/** Facts about the list of jobs and about the output of one. */
import { describe, expect, test } from "bun:test";
import { limits } from "#protocol";
import { appendLines } from "../../../ui/features/jobs/job-lines.ts";
import {
  applyJobEvent,
  applyJobSnapshot,
  emptyJobList,
  hasJustFailed,
  isActive,
} from "../../../ui/features/jobs/job-list.ts";
import { failureTitle, jobDuration } from "../../../ui/features/jobs/job-look.ts";
import { job, line } from "./job-views.ts";

const ids = (list: typeof emptyJobList) => list.jobs.map(({ id }) => Number(id));

describe("the list of jobs", () => {
  test("has the newest first and each job once", () => {
    const list = applyJobSnapshot({ jobs: [job(1), job(3)] });
    const more = applyJobEvent(applyJobEvent(list, { job: job(2) }), { job: job(2, { state: "failed" }) });
    expect(ids(more)).toEqual([3, 2, 1]);
    expect(more.jobs[1]?.state).toBe("failed");
  });

  test("stays bounded and never drops a job at work", () => {
    let list = applyJobSnapshot({ jobs: [job(1, { state: "running" }), job(2)] });
    for (let id = 3; id <= 300; id += 1) list = applyJobEvent(list, { job: job(id) });
    expect(list.jobs.length).toBeLessThanOrEqual(201);
    expect(ids(list)).toContain(1);
    expect(ids(list)).not.toContain(2);
  });

  test("tells of a failure once, and only of a job it saw at work", () => {
    const failed = job(1, { state: "failed" });
    const list = applyJobSnapshot({ jobs: [job(1, { state: "running" })] });
    expect(hasJustFailed(list, failed)).toBe(true);
    expect(hasJustFailed(applyJobEvent(list, { job: failed }), failed)).toBe(false);
    expect(hasJustFailed(emptyJobList, failed)).toBe(false);
  });

  test("counts queued and running as at work", () => {
    const states = ["queued", "running", "succeeded", "failed", "cancelled"] as const;
    expect(states.filter((state) => isActive(job(1, { state })))).toEqual(["queued", "running"]);
  });
});

describe("a job in words", () => {
  test("names the machine and what went wrong", () => {
    expect(failureTitle(job(1, { kind: "vm.stop" }))).toBe("web01 could not be stopped");
  });

  test("lasts from its start to its end, or to now", () => {
    expect(jobDuration(job(1), 9_000)).toBe("–");
    expect(jobDuration(job(1, { startedAtMs: 1_000 }), 9_000)).toBe("8 s");
    expect(jobDuration(job(1, { startedAtMs: 1_000, endedAtMs: 3_000 }), 9_000)).toBe("2 s");
    expect(jobDuration(job(1, { startedAtMs: 9_500 }), 9_000)).toBe("0 s");
  });
});

describe("the output of a job", () => {
  test("takes each line once, in order", () => {
    const lines = appendLines(appendLines([], [line(1), line(2)]), [line(2), line(3)]);
    expect(lines.map(({ n }) => n)).toEqual([1, 2, 3]);
  });

  test("is the same array when nothing is new, so that nothing is drawn", () => {
    const lines = appendLines([], [line(1)]);
    expect(appendLines(lines, [line(1)])).toBe(lines);
  });

  test("keeps the newest lines only", () => {
    const many = Array.from({ length: limits.jobOutputLines + 5 }, (_, index) => line(index + 1));
    const lines = appendLines([], many);
    expect(lines).toHaveLength(limits.jobOutputLines);
    expect(lines[0]?.n).toBe(6);
  });
});

/** A notice tells once of each job that ended out of sight. */
import { describe, expect, test } from "bun:test";
import { applyJobSnapshot, justEnded } from "../../../ui/features/jobs/job-list.ts";
import {
  allRead,
  isInSight,
  noticeOf,
  withNotice,
  withRead,
  type Notice,
} from "../../../ui/shared/shell/notices/notice-list.ts";
import { job } from "../jobs/job-views.ts";

function notice(id: number): Notice {
  const found = noticeOf(job(id));
  if (!found) throw new Error("The job is at work");
  return found;
}

test("a job at work is no news", () => {
  expect(noticeOf(job(1, { state: "running" }))).toBeNull();
  expect(noticeOf(job(1, { state: "queued" }))).toBeNull();
  expect(noticeOf(job(1, { state: "failed" }))?.state).toBe("failed");
});

test("only jobs that were seen at work have just ended", () => {
  const before = applyJobSnapshot({ jobs: [job(1, { state: "running" }), job(2)] });
  const ended = justEnded(before, [job(1), job(2), job(3)]);
  expect(ended.map(({ id }) => Number(id))).toEqual([1]);
});

describe("the list", () => {
  test("has the newest first and each job once", () => {
    const two = withNotice(withNotice([], notice(1)), notice(2));
    expect(two.map(({ jobId }) => Number(jobId))).toEqual([2, 1]);
    expect(withNotice(two, notice(1))).toBe(two);
  });

  test("does not grow without end", () => {
    const ids = Array.from({ length: 80 }, (_, index) => index + 1);
    const many = ids.reduce<readonly Notice[]>((list, id) => withNotice(list, notice(id)), []);
    expect(many).toHaveLength(50);
  });

  test("is read one by one or all at once", () => {
    const two = withNotice(withNotice([], notice(1)), notice(2));
    expect(withRead(two, job(1).id).map(({ isRead }) => isRead)).toEqual([false, true]);
    expect(allRead(two).every(({ isRead }) => isRead)).toBe(true);
  });
});

describe("an outcome is in sight", () => {
  test.each([
    ["jobs", null, true, true],
    ["dashboard", null, true, true],
    ["vm", 1, true, true],
    ["vm", 2, true, false],
    ["monitor", null, true, false],
    ["jobs", null, false, false],
  ])("on %s (VM %p, visible %p): %p", (page, vmId, isVisible, isSeen) => {
    expect(isInSight(job(7), { page, vmId, isVisible })).toBe(isSeen);
  });
});

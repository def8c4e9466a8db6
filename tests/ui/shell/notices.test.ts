/** A notice tells once of each job that ended out of sight, and of each warning. */
import { describe, expect, test } from "bun:test";
import type { EventView } from "#protocol";
import { eventView } from "#protocol";
import { applyJobSnapshot, justEnded } from "../../../ui/features/jobs/job-list.ts";
import {
  allRead,
  isInSight,
  missedEvents,
  newestId,
  noticeOf,
  noticeOfEvent,
  seenOf,
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
    expect(two.map(({ key }) => key)).toEqual(["job-2", "job-1"]);
    expect(withNotice(two, notice(1))).toBe(two);
  });

  test("does not grow without end", () => {
    const ids = Array.from({ length: 80 }, (_, index) => index + 1);
    const many = ids.reduce<readonly Notice[]>((list, id) => withNotice(list, notice(id)), []);
    expect(many).toHaveLength(50);
  });

  test("is read one by one or all at once", () => {
    const two = withNotice(withNotice([], notice(1)), notice(2));
    expect(withRead(two, "job-1").map(({ isRead }) => isRead)).toEqual([false, true]);
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

function event(id: number, over: Partial<Record<keyof EventView, unknown>> = {}): EventView {
  return eventView.parse({
    id,
    atMs: id * 1_000,
    type: "system",
    severity: "warning",
    name: "credits.low",
    message: "20 credits left",
    ownerId: 1,
    actorName: null,
    vmId: null,
    targetName: null,
    remoteAddress: null,
    ...over,
  });
}

describe("an event", () => {
  test("is a notice when it warns, and not of what one did oneself", () => {
    expect(noticeOfEvent(event(1), "ada")).toMatchObject({ key: "event-1", severity: "warning" });
    expect(noticeOfEvent(event(1, { severity: "info" }), "ada")).toBeNull();
    expect(noticeOfEvent(event(1, { actorName: "ada" }), "ada")).toBeNull();
    expect(noticeOfEvent(event(1, { actorName: "root" }), "ada")).not.toBeNull();
  });

  test("is told of once, oldest first, and not when it is a day old", () => {
    const feed = [event(3), event(2), event(1)];
    expect(missedEvents(feed, 1, 5_000).map(({ id }) => id)).toEqual([2, 3]);
    expect(missedEvents(feed, 0, 25 * 3_600_000)).toEqual([]);
    expect(newestId(feed, 0)).toBe(3);
    expect(newestId([], 7)).toBe(7);
  });

  test("of a feed that began anew is not taken for an old one", () => {
    expect(seenOf([event(2)], 40)).toBe(0);
    expect(seenOf([event(41)], 40)).toBe(40);
  });
});

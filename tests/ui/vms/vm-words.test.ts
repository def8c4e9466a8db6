/** Prices, leases, schedules, tags and sizes as a person reads them. */
import { describe, expect, test } from "bun:test";
import { vmStates } from "#protocol";
import { leaseChoices, leaseLook, leaseWarning } from "../../../ui/features/vms/lease-words.ts";
import { daysWords, scheduleError, scheduleWords, withDay } from "../../../ui/features/vms/schedule-words.ts";
import {
  checkSize,
  isSameSize,
  resizeWords,
  sizeChange,
} from "../../../ui/features/vms/settings/resize-form.ts";
import { MOST_TAGS, tagsOf, withTag, withTags } from "../../../ui/features/vms/tag-list.ts";
import { lastsMs, priceReason, vmPrice } from "../../../ui/features/vms/vm-price.ts";
import { operationRefusal } from "../../../ui/features/vms/vm-rules.ts";
import { vm } from "./vm-views.ts";

const HOUR_MS = 3_600_000;
const small = { ramMb: 512, cpuCores: 1, diskGb: 10 };

describe("a price", () => {
  test("follows the state", () => {
    expect(vmPrice(vm(1, { state: "running" }))).toEqual({
      now: 2_100,
      running: 2_100,
      stopped: 100,
      month: 1_512_000,
    });
    expect(vmPrice(vm(1, { state: "stopped" })).now).toBe(100);
    expect(vmPrice(vm(1, { state: "failed" })).now).toBe(0);
    expect(new Set(vmStates.map(priceReason)).size).toBe(3);
  });

  test("tells how long a balance lasts", () => {
    expect(lastsMs(100_000, 2_000)).toBe(50 * HOUR_MS);
    expect(lastsMs(100_000, 0)).toBeNull();
    expect(lastsMs(0, 2_000)).toBe(0);
  });
});

describe("a resize", () => {
  const large = { ramMb: 1_024, cpuCores: 2, diskGb: 20 };

  test("says what changes", () => {
    expect(resizeWords(small, large)).toBe(
      "4.2 credits/h (+2.1) while it runs, 0.2 credits/h (+0.1) while it is stopped",
    );
    expect(resizeWords(small, small)).toBe("2.1 credits/h while it runs, 0.1 credits/h while it is stopped");
    expect(sizeChange(small, large)).toEqual({ ramMb: 512, cpuCores: 1, diskGb: 10 });
  });

  test("never shrinks a disk", () => {
    expect(checkSize(large, small)).toEqual({ diskGb: expect.stringContaining("only grows") });
    expect(checkSize(small, large)).toEqual({});
    expect(Object.keys(checkSize(small, { ...large, ramMb: 700 }))).toEqual(["ramMb"]);
    expect(isSameSize(small, { ...small })).toBe(true);
  });
});

describe("an operation", () => {
  const refusal = (state: string, activeJobId: number | null = null) =>
    operationRefusal("clone", vm(1, { state, activeJobId }));

  test("waits for the job that works on the VM", () => {
    expect(refusal("stopped", 7)).toContain("wait");
    expect(refusal("stopped")).toBeNull();
  });

  test("says what helps", () => {
    expect(refusal("running")).toContain("stop the VM first");
    expect(operationRefusal("snapshot", vm(1, { state: "running" }))).toBeNull();
    expect(operationRefusal("rebuild", vm(1, { state: "failed" }))).toBeNull();
    expect(operationRefusal("resize", vm(1, { state: "failed" }))).toContain("rebuild");
  });
});

describe("a lease", () => {
  test("warns in its last day", () => {
    expect(leaseWarning(null, 0)).toBeNull();
    expect(leaseWarning(25 * HOUR_MS, 0)).toBeNull();
    expect(leaseWarning(3 * HOUR_MS, 0)).toBe("Lease ends in 3 h");
    expect(leaseLook(0, 1)).toEqual({ text: "Lease has ended", tone: "danger" });
  });

  test("has lengths that the server takes", () => {
    expect(leaseChoices.every(({ hours }) => hours >= 1 && hours <= 720)).toBe(true);
    expect(leaseChoices.map(({ label }) => label)).toContain("7 days");
  });
});

describe("a schedule", () => {
  const schedule = { stopAt: "18:00", startAt: null, days: [1, 2, 3, 4, 5], timeZone: "Europe/Berlin" };

  test("reads as a sentence", () => {
    expect(scheduleWords(schedule)).toBe("Stops at 18:00 on weekdays, time of Europe/Berlin");
    expect(scheduleWords({ ...schedule, startAt: "08:00", days: [1, 3] })).toBe(
      "Stops at 18:00 and starts at 08:00 on Mon, Wed, time of Europe/Berlin",
    );
    expect(daysWords([6, 7])).toBe("at weekends");
    expect(daysWords([1, 2, 3, 4, 5, 6, 7])).toBe("every day");
  });

  test("does something, on some day, at two times that differ", () => {
    expect(scheduleError(schedule)).toBe("");
    expect(scheduleError({ ...schedule, stopAt: null })).not.toBe("");
    expect(scheduleError({ ...schedule, days: [] })).not.toBe("");
    expect(scheduleError({ ...schedule, startAt: "18:00" })).not.toBe("");
    expect(withDay([1, 3], 2, true)).toEqual([1, 2, 3]);
    expect(withDay([1, 3], 3, false)).toEqual([1]);
  });
});

describe("tags", () => {
  test("are taken from what is typed, each once", () => {
    expect(withTags(["web"], "db, Web lab")).toEqual({ tags: ["web", "db", "lab"], error: "" });
  });

  test("that cannot be are named, and the others stay", () => {
    const { tags, error } = withTags([], "ok b@d");
    expect(tags).toEqual(["ok"]);
    expect(error).toContain("b@d");
  });

  test("have a limit", () => {
    const many = Array.from({ length: MOST_TAGS }, (_, index) => `t${index}`);
    expect(withTags(many, "more").error).toContain(String(MOST_TAGS));
    expect(withTags(many, "t1").error).toBe("");
  });

  test("filter the VMs", () => {
    const vms = [vm(1, { tags: ["web", "a"] }), vm(2, { tags: ["a"] }), vm(3)];
    expect(tagsOf(vms)).toEqual(["a", "web"]);
    expect(withTag(vms, "web").map(({ name }) => name)).toEqual(["vm1"]);
    expect(withTag(vms, "")).toHaveLength(3);
  });
});

/** The audit log for the eye, and its filter for the server. */
import { describe, expect, test } from "bun:test";
import { commands } from "#protocol";
import { auditActions, auditFilter, inputWords } from "../../../ui/features/admin/audit/audit-words.ts";

const NOW_MS = 1_800_000_012_345;
const filter = (over: Partial<Parameters<typeof auditFilter>[0]> = {}) =>
  auditFilter({ search: "", action: "all", days: "all", ...over }, NOW_MS);

describe("the filter", () => {
  test("is empty at first", () => {
    expect(filter()).toEqual({});
  });

  test("takes a search, an action and a span of days", () => {
    const { fromMs, ...rest } = filter({ search: " mia ", action: "admin.stopAll", days: "7" });
    expect(rest).toEqual({ search: "mia", action: "admin.stopAll" });
    expect(NOW_MS - Number(fromMs)).toBeGreaterThanOrEqual(7 * 86_400_000);
    expect(NOW_MS - Number(fromMs)).toBeLessThan(7 * 86_400_000 + 60_000);
  });

  test("stays the same within a minute, so that the list is not begun anew", () => {
    const ask = (nowMs: number) => auditFilter({ search: "", action: "all", days: "1" }, nowMs);
    expect(ask(NOW_MS)).toEqual(ask(NOW_MS + 30_000));
  });

  test("ignores days that an address made up", () => {
    expect(filter({ days: "soon" })).toEqual({});
  });

  test("is taken by the server", () => {
    const asked = filter({ search: "mia", action: "admin.user.update", days: "30" });
    expect(commands["audit.list"].input.safeParse(asked).success).toBe(true);
  });
});

describe("the words", () => {
  test("offer every command that only administrators may write with", () => {
    const names = auditActions.map(({ value }) => value);
    expect(names).toContain("admin.user.credits");
    expect(names).toContain("image.remove");
    expect(names).not.toContain("vm.create");
    expect(names).not.toContain("admin.user.list");
  });

  test.each([
    ['{"userId":3,"active":false}', "userId 3, active false"],
    ['{"reason":"good work","userIds":[1,2]}', "reason good work, userIds [1,2]"],
    ["not json", "not json"],
    ["null", "null"],
  ])("tell %p as %p", (json, words) => {
    expect(inputWords(json)).toBe(words);
  });
});

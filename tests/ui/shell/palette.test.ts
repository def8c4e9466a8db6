/** The palette offers what the state allows, and finds it by a few letters. */
import { describe, expect, test } from "bun:test";
import { paletteEntries } from "../../../ui/shared/shell/palette/palette-entries.ts";
import { rank, scoreOf, withRecent } from "../../../ui/shared/shell/palette/palette-match.ts";
import { vm } from "../vms/vm-views.ts";

const entries = paletteEntries({
  vms: [vm(1, { name: "web01", state: "running" }), vm(2, { name: "db01" })],
  isOnline: true,
  isDark: false,
});
const labels = (query: string, recent: readonly string[] = []) =>
  rank(entries, query, recent).map(({ label }) => label);

describe("what is offered", () => {
  test("is what the state of a VM allows", () => {
    const all = entries.map(({ label }) => label);
    expect(all).toContain("Stop web01");
    expect(all).not.toContain("Start web01");
    expect(all).toContain("Start db01");
    expect(all).not.toContain("Stop db01");
  });

  test("has no action without a connection", () => {
    const offline = paletteEntries({ vms: [vm(1)], isOnline: false, isDark: false });
    expect(offline.some(({ deed }) => deed.kind === "act")).toBe(false);
  });

  test("has the pages for administrators for them alone", () => {
    const admins = paletteEntries({ vms: [], isOnline: true, isDark: false, isAdmin: true });
    const labelsFor = (query: string) => rank(admins, query, []).map(({ label }) => label);
    expect(labelsFor("roster")[0]).toBe("Administration: classes");
    expect(labelsFor("audit")[0]).toBe("Administration: audit log");
    expect(entries.some(({ label }) => label.startsWith("Administration"))).toBe(false);
  });

  test("has an id of its own each", () => {
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
  });
});

describe("the search", () => {
  test.each([
    ["stw", "Stop web01"],
    ["stop web", "Stop web01"],
    ["web01 term", "web01: terminal"],
    ["db shell", "db01: terminal"],
    ["web", "web01: terminal"],
    ["web01", "web01: terminal"],
    ["jobs", "Jobs"],
    ["dark", "Dark theme"],
    ["log out", "Log out"],
    ["delete web", "Destroy web01"],
  ])("%p finds %p first", (query, label) => {
    expect(labels(query)[0]).toBe(label);
  });

  test("finds nothing for letters that do not occur in this order", () => {
    expect(labels("xqzz")).toEqual([]);
    expect(scoreOf("ba", "ab")).toBeNull();
  });

  test("prefers starts of words", () => {
    expect(scoreOf("sw", "Stop web01") ?? 0).toBeGreaterThan(scoreOf("sw", "answer") ?? 0);
  });

  test("without a query shows what was used last first", () => {
    expect(labels("", ["theme"])[0]).toBe("Dark theme");
    expect(labels("")[0]).toBe("VMs");
  });
});

test("the memory holds each once, newest first, and not more than eight", () => {
  const many = Array.from({ length: 12 }, (_, index) => `e${index}`).reduce<readonly string[]>(
    withRecent,
    [],
  );
  expect(many).toHaveLength(8);
  expect(withRecent(["a", "b"], "b")).toEqual(["b", "a"]);
});

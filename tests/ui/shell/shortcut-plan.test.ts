/** A key does what the help says, and nothing while somebody types. */
import { describe, expect, test } from "bun:test";
import type { KeyPress, Pending } from "../../../ui/shared/shell/shortcuts/shortcut-plan.ts";
import { planKey, shortcuts } from "../../../ui/shared/shell/shortcuts/shortcut-plan.ts";

const press = (key: string, over: Partial<KeyPress> = {}): KeyPress => ({
  key,
  atMs: 1_000,
  hasCtrl: false,
  hasMeta: false,
  hasAlt: false,
  place: "page",
  ...over,
});

function deedOf(keys: readonly string[]) {
  let pending: Pending | null = null;
  let deed: ReturnType<typeof planKey>["deed"] = null;
  for (const key of keys) ({ deed, pending } = planKey(press(key), pending));
  return deed;
}

describe("on the page", () => {
  test.each(shortcuts.map(({ keys, deed }) => [keys.join(" "), deed] as const))(
    "%s does %s",
    (keys, deed) => {
      expect(deedOf(keys.split(" "))).toBe(deed);
    },
  );

  test("the second key of two comes in time or means itself", () => {
    const { pending } = planKey(press("g"), null);
    expect(planKey(press("j", { atMs: 1_500 }), pending).deed).toBe("jobs");
    expect(planKey(press("j", { atMs: 9_000 }), pending).deed).toBeNull();
  });

  test("a foreign key ends the waiting", () => {
    expect(deedOf(["g", "x", "j"])).toBeNull();
  });
});

test.each(["field", "terminal", "dialog"] as const)("letters do nothing in a %s", (place) => {
  for (const key of ["g", "n", "/", "?"]) {
    expect(planKey(press(key, { place }), null)).toEqual({ deed: null, pending: null });
  }
});

test("letters with Control or Alt belong to the browser", () => {
  expect(planKey(press("n", { hasCtrl: true }), null).deed).toBeNull();
  expect(planKey(press("n", { hasAlt: true }), null).deed).toBeNull();
});

test("Ctrl-K opens the palette everywhere but in the terminal, where the shell needs it", () => {
  expect(planKey(press("k", { hasCtrl: true }), null).deed).toBe("palette");
  expect(planKey(press("k", { hasCtrl: true, place: "field" }), null).deed).toBe("palette");
  expect(planKey(press("k", { hasCtrl: true, place: "terminal" }), null).deed).toBeNull();
  expect(planKey(press("k", { hasMeta: true, place: "terminal" }), null).deed).toBe("palette");
});

/** The page of a machine: its parts, why it has no terminal. */
import { describe, expect, test } from "bun:test";
import { vmStates } from "#protocol";
import { noTerminal } from "../../../ui/features/vms/detail/no-terminal.ts";
import { tabOf } from "../../../ui/features/vms/detail/vm-tabs.ts";

describe("the part in the address", () => {
  test.each([
    ["metrics", "metrics"],
    ["activity", "activity"],
    ["overview", "overview"],
    ["snapshots", "snapshots"],
    ["settings", "settings"],
    ["terminal", "terminal"],
    ["nonsense", "terminal"],
    [undefined, "terminal"],
    [["metrics"], "terminal"],
  ] as const)("%p opens %s", (query, tab) => {
    expect(tabOf(query)).toBe(tab);
  });
});

describe("a machine", () => {
  test("has a terminal exactly while it runs", () => {
    expect(vmStates.filter((state) => noTerminal(state) === null)).toEqual(["running"]);
  });

  test("says whether waiting helps", () => {
    const passing = vmStates.filter((state) => noTerminal(state)?.isPassing);
    expect(passing).toEqual(["pending", "starting", "stopping", "restarting", "destroying"]);
  });
});

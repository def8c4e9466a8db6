/** Facts about the list of machines: snapshots, events, and clicks shown before the server has answered. */
import { describe, expect, test } from "bun:test";
import {
  addCreated,
  applyVmEvent,
  applyVmSnapshot,
  confirmAction,
  countVms,
  emptyVmList,
  expectAction,
  shownVms,
  takeAnswer,
  undoAction,
} from "../../../ui/features/vms/vm-list.ts";
import { vm } from "./vm-views.ts";

const states = (list: Parameters<typeof shownVms>[0]) =>
  shownVms(list).map(({ name, state }) => [name, state]);

describe("the list of machines", () => {
  test("is not loaded before the first snapshot", () => {
    expect(emptyVmList.isLoaded).toBe(false);
    expect(applyVmSnapshot({ vms: [] }).isLoaded).toBe(true);
  });

  test("has the newest machine first, by snapshot and by event", () => {
    const list = applyVmSnapshot({ vms: [vm(1), vm(3)] });
    const more = applyVmEvent(list, { kind: "changed", vm: vm(2) });
    expect(shownVms(more).map(({ id }) => Number(id))).toEqual([3, 2, 1]);
  });

  test("loses what a snapshot does not name and what an event removes", () => {
    const list = applyVmSnapshot({ vms: [vm(1), vm(2)] });
    expect(applyVmEvent(list, { kind: "removed", vmId: vm(1).id }).vms).toHaveLength(1);
    expect(applyVmSnapshot({ vms: [vm(2)] }).vms).toHaveLength(1);
  });

  test("counts by what a person wants to know", () => {
    const all = ["running", "running", "pending", "stopping", "stopped", "failed", "unknown"];
    const count = countVms(all.map((state, index) => vm(index + 1, { state })));
    expect(count).toEqual({ running: 2, changing: 2, stopped: 1, failed: 2 });
  });
});

describe("a click", () => {
  const before = applyVmSnapshot({ vms: [vm(1)] });
  const clicked = expectAction(before, vm(1).id, "start");

  test("shows its outcome at once", () => {
    expect(states(clicked)).toEqual([["vm1", "starting"]]);
  });

  test("is taken back when the server refuses", () => {
    expect(states(undoAction(clicked, vm(1).id))).toEqual([["vm1", "stopped"]]);
  });

  test("gives way to the server's answer", () => {
    const confirmed = confirmAction(clicked, vm(1, { state: "starting", activeJobId: 7 }));
    expect(confirmed.expected.size).toBe(0);
    expect(shownVms(confirmed)[0]?.activeJobId).not.toBeNull();
  });

  test("does not let a late answer undo a newer event", () => {
    const overtaken = applyVmEvent(clicked, { kind: "changed", vm: vm(1, { state: "running" }) });
    const confirmed = confirmAction(overtaken, vm(1, { state: "starting" }));
    expect(states(confirmed)).toEqual([["vm1", "running"]]);
  });

  test("is forgotten with a snapshot", () => {
    expect(applyVmSnapshot({ vms: [vm(1)] }).expected.size).toBe(0);
  });

  test("leaves the state of before untouched", () => {
    expect(states(before)).toEqual([["vm1", "stopped"]]);
  });
});

describe("a created machine", () => {
  test("is there before its first event", () => {
    expect(addCreated(emptyVmList, vm(1)).vms).toHaveLength(1);
  });

  test("does not replace what a faster event said", () => {
    const list = applyVmSnapshot({ vms: [vm(1, { state: "running" })] });
    expect(states(addCreated(list, vm(1, { state: "pending" })))).toEqual([["vm1", "running"]]);
  });
});

describe("another user's machine", () => {
  test("does not get into the list by a click or an answer", () => {
    const own = applyVmSnapshot({ vms: [vm(1)] });
    expect(expectAction(own, vm(2).id, "stop")).toBe(own);
    expect(confirmAction(own, vm(2))).toBe(own);
    expect(takeAnswer(own, vm(2))).toBe(own);
  });

  test("is no reason to forget an answer about one's own", () => {
    const own = applyVmSnapshot({ vms: [vm(1)] });
    expect(takeAnswer(own, vm(1, { label: "new" })).vms[0]?.label).toBe("new");
  });
});

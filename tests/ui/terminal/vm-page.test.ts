/** The page of a machine: its parts, why it has no terminal, its jobs. */
import { describe, expect, test } from "bun:test";
import type { JobView } from "#protocol";
import { jobView, vmId, vmStates } from "#protocol";
import { noTerminal } from "../../../ui/features/vms/detail/no-terminal.ts";
import { jobsOfVm } from "../../../ui/features/vms/detail/vm-jobs.ts";
import { tabOf } from "../../../ui/features/vms/detail/vm-tabs.ts";

describe("the part in the address", () => {
  test.each([
    ["metrics", "metrics"],
    ["activity", "activity"],
    ["details", "details"],
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

function job(id: number, machine: number, state: JobView["state"], createdAtMs = id): JobView {
  return jobView.parse({
    id,
    kind: "vm.start",
    state,
    ownerId: 1,
    ownerName: "ada",
    vmId: machine,
    vmName: "web01",
    step: null,
    progress: 0,
    error: null,
    cancellable: false,
    createdAtMs,
    startedAtMs: null,
    endedAtMs: null,
  });
}

describe("the jobs of a machine", () => {
  const machine = vmId.parse(1);

  test("are its own, newest first", () => {
    const jobs = jobsOfVm(
      machine,
      [job(3, 1, "running"), job(4, 2, "running")],
      [job(1, 1, "failed"), job(2, 1, "succeeded")],
    );
    expect(jobs.map(({ id }) => Number(id))).toEqual([3, 2, 1]);
  });

  test("count once, and the live one is right", () => {
    const jobs = jobsOfVm(machine, [job(1, 1, "succeeded")], [job(1, 1, "running")]);
    expect(jobs.map(({ state }) => state)).toEqual(["succeeded"]);
  });
});

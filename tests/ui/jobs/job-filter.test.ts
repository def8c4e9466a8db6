/** Live jobs and those the server was asked for are one list, filtered alike. */
import { describe, expect, test } from "bun:test";
import type { JobView } from "#protocol";
import { vmId } from "#protocol";
import { askFor, fitsFilter, joinJobs, kindOf, stateOf } from "../../../ui/features/jobs/job-filter.ts";
import { jobActor } from "../../../ui/features/jobs/job-look.ts";
import { job } from "./job-views.ts";

const ids = (jobs: readonly JobView[]) => jobs.map(({ id }) => Number(id));
const machine = vmId.parse(1);

describe("the jobs of a page", () => {
  test("are newest first, each once, and the live one is right", () => {
    const live = [job(3, { state: "running" }), job(2, { state: "failed" })];
    const joined = joinJobs(live, [job(2, { state: "running" }), job(1)], {});
    expect(ids(joined)).toEqual([3, 2, 1]);
    expect(joined.map(({ state }) => state)).toEqual(["running", "failed", "succeeded"]);
  });

  test("leave the list when they stop to fit", () => {
    const asked = [job(1, { state: "failed" })];
    expect(joinJobs([], asked, { state: "failed" })).toHaveLength(1);
    expect(joinJobs([job(1, { state: "succeeded" })], asked, { state: "failed" })).toEqual([]);
  });

  test("are chosen by VM, kind and state", () => {
    const one = job(1, { kind: "vm.resize", state: "queued" });
    expect(fitsFilter(one, { vmId: machine, kind: "vm.resize", state: "active" })).toBe(true);
    expect(fitsFilter(one, { vmId: vmId.parse(2) })).toBe(false);
    expect(fitsFilter(one, { kind: "vm.start" })).toBe(false);
    expect(fitsFilter(one, { state: "failed" })).toBe(false);
  });

  test("that are at work are all live, so nobody is asked", () => {
    expect(askFor({ state: "active" })).toBeNull();
    expect(askFor({ state: "failed", vmId: machine })).toEqual({ state: "failed", vmId: machine });
    expect(askFor({})).toEqual({});
  });
});

test("a filter typed into the address by anybody is a known one or none", () => {
  expect(kindOf("snapshot.create")).toBe("snapshot.create");
  expect(kindOf("nonsense")).toBeUndefined();
  expect(stateOf("active")).toBe("active");
  expect(stateOf("failed")).toBe("failed");
  expect(stateOf("all")).toBeUndefined();
});

test.each([
  ["ada", "ada", "ada"],
  ["root", "ada", "root for ada"],
  [null, "ada", "the server"],
] as const)("a job of %p for %p was asked for by %p", (actorName, ownerName, words) => {
  expect(jobActor({ actorName, ownerName })).toBe(words);
});

/** The whole transition table, state by action, and what facts and ends of jobs make of a VM. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { type JobKind, jobKind, type VmAction, vmActions, type VmState, vmStates } from "#protocol";
import type { JobFailure } from "../../../server/core/jobs.ts";
import {
  afterFailure,
  afterSuccess,
  applyFact,
  conditionOf,
  type MaybeFact,
  outcomeByFact,
  type VmCondition,
} from "../../../server/features/vms/vm-facts.ts";
import { isSettled, planAction } from "../../../server/features/vms/vm-state.ts";

/** `next` when accepted, `next!` when a running job is cancelled for it, `-` when refused. */
const expected: Record<VmState, Record<VmAction, string>> = {
  pending: { start: "-", stop: "-", restart: "-", destroy: "destroying!" },
  starting: { start: "-", stop: "-", restart: "-", destroy: "destroying!" },
  running: { start: "-", stop: "stopping", restart: "restarting", destroy: "destroying" },
  stopping: { start: "-", stop: "-", restart: "-", destroy: "destroying!" },
  stopped: { start: "starting", stop: "-", restart: "-", destroy: "destroying" },
  restarting: { start: "-", stop: "-", restart: "-", destroy: "destroying!" },
  destroying: { start: "-", stop: "-", restart: "-", destroy: "-" },
  failed: { start: "-", stop: "-", restart: "-", destroy: "destroying" },
  unknown: { start: "-", stop: "stopping", restart: "-", destroy: "destroying" },
};

const cells = vmStates.flatMap((state) => vmActions.map((action) => [state, action] as const));

describe("the transition table", () => {
  test.each(cells)("a VM that is %s, asked to %s", (state, action) => {
    const plan = planAction(action, state);
    const shown = plan.ok ? `${plan.next}${plan.replacesJob ? "!" : ""}` : "-";
    expect(shown).toBe(expected[state][action]);
    if (plan.ok) expect(plan.kind).toBe(`vm.${action}`);
    else expect(plan.reason).toMatch(/^(This VM|It is not known)/);
  });

  test("only a state with work under way may have its job replaced", () => {
    for (const [state, action] of cells) {
      const plan = planAction(action, state);
      if (plan.ok) expect(plan.replacesJob).toBe(!isSettled(state));
    }
  });
});

const text = fc.option(fc.string({ maxLength: 8 }));
const condition: fc.Arbitrary<VmCondition> = fc.record({
  state: fc.constantFrom(...vmStates),
  ip: text,
  startedAtMs: fc.option(fc.nat()),
  errorMessage: text,
  errorDetail: text,
});
const fact: fc.Arbitrary<MaybeFact> = fc.option(
  fc.record({
    state: fc.constantFrom("running", "stopped", "paused", "crashed", "absent"),
    ip: text,
  }),
);
const failure: fc.Arbitrary<JobFailure> = fc.record({
  code: fc.constantFrom("driver_failed", "timeout", "cancelled"),
  message: fc.string({ minLength: 1 }),
  detail: fc.string(),
});
const kind = fc.constantFrom<JobKind>(...jobKind.options);
const nowMs = 5_000;

describe("facts", () => {
  test("always lead to a settled state", () => {
    fc.assert(
      fc.property(condition, fact, (before, seen) => isSettled(conditionOf(seen, before, nowMs).state)),
    );
  });

  test("change nothing when they are told twice", () => {
    fc.assert(
      fc.property(condition, fact, (before, seen) => {
        const after = applyFact(before, seen, nowMs) ?? before;
        expect(applyFact(after, seen, nowMs + 1)).toBeNull();
      }),
    );
  });

  test("never revive a failed VM", () => {
    fc.assert(
      fc.property(condition, fact, (before, seen) => {
        expect(applyFact({ ...before, state: "failed" }, seen, nowMs)).toBeNull();
      }),
    );
  });

  test("a VM that does not run has no address and no start time", () => {
    fc.assert(
      fc.property(condition, fact, (before, seen) => {
        const { state, ip, startedAtMs } = conditionOf(seen, before, nowMs);
        if (state !== "running") expect([ip, startedAtMs]).toEqual([null, null]);
        else expect(startedAtMs).not.toBeNull();
      }),
    );
  });
});

describe("the end of a job", () => {
  test("a failure always leaves a settled state with its reason", () => {
    fc.assert(
      fc.property(kind, failure, fact, condition, (job, error, seen, before) => {
        const after = afterFailure(job, error, seen, before, nowMs);
        expect(isSettled(after.state)).toBe(true);
        expect([after.errorMessage, after.errorDetail]).toEqual([error.message, error.detail]);
      }),
    );
  });

  test("a success clears the reason of the last failure", () => {
    const off = { state: "stopped" as const, ip: null, startedAtMs: null };
    const broken: VmCondition = { ...off, errorMessage: "It failed", errorDetail: "why" };
    const calm = { ...off, errorMessage: null, errorDetail: null };
    expect(afterSuccess({ state: "same" }, broken, nowMs)).toEqual(calm);
    expect(afterSuccess({ state: "stopped" }, broken, nowMs)).toMatchObject({
      state: "stopped",
      ip: null,
      errorMessage: null,
    });
    expect(afterSuccess({ state: "running", ip: "198.18.0.1" }, broken, nowMs)).toMatchObject({
      state: "running",
      startedAtMs: nowMs,
    });
  });

  test("an interrupted job succeeded only when the fact proves it", () => {
    const running: MaybeFact = { state: "running", ip: null };
    const stopped: MaybeFact = { state: "stopped", ip: null };
    expect(outcomeByFact("vm.start", running).ok).toBe(true);
    expect(outcomeByFact("vm.stop", stopped).ok).toBe(true);
    expect(outcomeByFact("vm.start", stopped).ok).toBe(false);
    expect(outcomeByFact("vm.stop", running).ok).toBe(false);
    expect(outcomeByFact("vm.restart", running).ok).toBe(false);
    expect(outcomeByFact("vm.start", null).ok).toBe(false);
  });
});

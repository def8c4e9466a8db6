/** The buttons agree with the server. */
import { expect, test } from "bun:test";
import { jobId, vmActions, vmStates } from "#protocol";
import { planAction, planOperation, vmOperations } from "../../../server/features/vms/vm-state.ts";
import { actionRefusal, operationRefusal, refusalOf } from "../../../ui/features/vms/vm-rules.ts";
import { vmStateLook } from "../../../ui/features/vms/vm-state-look.ts";

for (const state of vmStates) {
  test.each([...vmActions])(`offers %s of a ${state} machine exactly when the server takes it`, (action) => {
    expect(refusalOf(action, state) === null).toBe(planAction(action, state).ok);
  });
}

test("no two states look alike without colour and word apart", () => {
  const labels = vmStates.map((state) => vmStateLook[state].label);
  expect(new Set(labels).size).toBe(vmStates.length);
});

for (const state of vmStates) {
  test.each([...vmOperations])(
    `offers %s of a ${state} machine exactly when the server takes it`,
    (operation) => {
      const isOffered = operationRefusal(operation, { state, activeJobId: null }) === null;
      expect(isOffered).toBe(planOperation(operation, state).ok);
    },
  );
}

test("a machine whose disk is worked on waits, and one that is being made can be destroyed", () => {
  expect(actionRefusal("stop", { state: "running", activeJobId: jobId.parse(7) })).toContain("wait");
  expect(actionRefusal("destroy", { state: "stopped", activeJobId: jobId.parse(7) })).toContain("wait");
  expect(actionRefusal("destroy", { state: "pending", activeJobId: jobId.parse(7) })).toBeNull();
  expect(actionRefusal("stop", { state: "running", activeJobId: null })).toBeNull();
});

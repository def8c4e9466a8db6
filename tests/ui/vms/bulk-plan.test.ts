/** An action on many VMs asks the server only for those whose state allows it, and sums up what came of it. */
import { describe, expect, test } from "bun:test";
import { planBulk, summarise } from "../../../ui/features/vms/table/bulk-plan.ts";
import { vmRow } from "../../../ui/features/vms/table/vm-columns.ts";
import { vm } from "./vm-views.ts";

const taken = (id: number) => ({ vmId: vm(id).id, name: `vm${id}`, reason: null });
const refused = (id: number) => ({ vmId: vm(id).id, name: `vm${id}`, reason: "busy" });

describe("a start of many", () => {
  test("asks for the stopped ones and says why not for the others", () => {
    const plan = planBulk("start", [vm(1), vm(2, { state: "running" }), vm(3, { state: "failed" })]);
    expect(plan.ready.map(({ name }) => name)).toEqual(["vm1"]);
    expect(plan.refused.map(({ name }) => name)).toEqual(["vm2", "vm3"]);
    expect(plan.refused.every(({ reason }) => reason)).toBe(true);
  });
});

describe("the sum", () => {
  test("of successes is a success", () => {
    expect(summarise("start", [taken(1)])).toEqual({ title: "Starting 1 VM", detail: "", kind: "success" });
    expect(summarise("stop", [taken(1), taken(2)]).title).toBe("Stopping 2 VMs");
  });

  test("of some is a warning that names the others", () => {
    expect(summarise("stop", [taken(1), refused(2)])).toEqual({
      title: "Stopping 1 of 2 VMs",
      detail: "vm2: busy",
      kind: "warning",
    });
  });

  test("of refusals is an error", () => {
    expect(summarise("start", [refused(1), refused(2)])).toMatchObject({
      title: "Could not start 2 VMs",
      kind: "error",
    });
  });
});

describe("a row", () => {
  test("of a VM that does not run has no live values", () => {
    expect(vmRow(vm(1), null, 5_000)).toMatchObject({
      cpuPercent: null,
      memoryPercent: null,
      uptimeMs: null,
    });
  });

  test("counts the time since the start", () => {
    expect(vmRow(vm(1, { state: "running", startedAtMs: 2_000 }), null, 5_000).uptimeMs).toBe(3_000);
  });
});

/** Any order of actions, cancels, faults and facts: rows, jobs and host never contradict each other. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { priceOf, type VmId, type VmView, vmActions } from "#protocol";
import type { Session } from "../../../server/core/caller.ts";
import { AppError } from "../../../server/core/errors.ts";
import { isSettled } from "../../../server/features/vms/vm-state.ts";
import { failing } from "./faulty-driver.ts";
import { lab, openCloud, type TestCloud } from "./test-cloud.ts";

const names = ["web01", "web02"] as const;

const operations = ["resize", "rebuild", "clone", "take", "restore", "drop"] as const;
const faulty = [
  ...(["create", "start", "stop", "restart", "resize", "clone"] as const),
  ...(["createSnapshot", "restoreSnapshot", "deleteSnapshot"] as const),
] as const;

const move = fc.oneof(
  fc.record({ do: fc.constant("create" as const), name: fc.constantFrom(...names) }),
  fc.record({ do: fc.constantFrom(...vmActions), name: fc.constantFrom(...names) }),
  fc.record({ do: fc.constantFrom(...operations), name: fc.constantFrom(...names) }),
  fc.record({ do: fc.constant("cancel" as const), name: fc.constantFrom(...names) }),
  fc.record({ do: fc.constant("power off" as const), name: fc.constantFrom(...names) }),
  fc.record({ do: fc.constantFrom("break" as const, "mend" as const), name: fc.constantFrom(...names) }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 5_000 }) }),
);
type Move = typeof move extends fc.Arbitrary<infer M> ? M : never;
type Change = Exclude<Move["do"], "wait" | "create" | "mend" | "break">;

async function vmNamed(cloud: TestCloud, ada: Session, name: string) {
  return (await cloud.call(ada, "vm.list", {})).vms.find((vm) => vm.name === name);
}

async function make(cloud: TestCloud, ada: Session, next: Move): Promise<void> {
  if (next.do === "wait") return cloud.clock.advance(next.ms);
  if (next.do === "create") return void (await cloud.call(ada, "vm.create", { ...lab, name: next.name }));
  if (next.do === "mend") return cloud.driver.before.clear();
  if (next.do === "break") {
    const fault = failing(new AppError("driver_failed", "Broken on purpose"));
    for (const call of faulty) cloud.driver.before.set(call, fault);
    return;
  }
  const vm = await vmNamed(cloud, ada, next.name);
  if (vm) await change(cloud, ada, vm, next.do);
}

async function change(cloud: TestCloud, ada: Session, vm: VmView, action: Change): Promise<void> {
  const vmId = vm.id;
  const snapshotId = vm.snapshots[0]?.id ?? 4_711;
  switch (action) {
    case "cancel":
      if (vm.activeJobId) await cloud.call(ada, "job.cancel", { jobId: vm.activeJobId });
      return;
    case "power off": {
      const ref = { vmId, ownerId: ada.userId, name: vm.name };
      return cloud.driver.tell({ ref, state: "stopped", ip: null });
    }
    case "resize":
      return void (await cloud.call(ada, "vm.resize", { vmId, ramMb: vm.ramMb === 512 ? 1_024 : 512 }));
    case "rebuild":
      return void (await cloud.call(ada, "vm.rebuild", { vmId }));
    case "clone":
      return void (await cloud.call(ada, "vm.clone", {
        vmId,
        name: vm.name === "web01" ? "web02" : "web01",
      }));
    case "take":
      return void (await cloud.call(ada, "snapshot.create", { vmId, name: `s${vm.snapshots.length}` }));
    case "restore":
      return void (await cloud.call(ada, "snapshot.restore", { vmId, snapshotId }));
    case "drop":
      return void (await cloud.call(ada, "snapshot.delete", { vmId, snapshotId }));
    default:
      await cloud.call(ada, `vm.${action}`, { vmId });
  }
}

async function checkNow(cloud: TestCloud, ada: Session): Promise<void> {
  // Read first: a job may end while the list is on its way.
  const unfinished = new Set(cloud.jobs.runner.unfinished().map(({ id }) => id));
  const { vms } = await cloud.call(ada, "vm.list", {});
  for (const vm of vms) {
    // What is worked on without a state of its own has a job all the same.
    if (!isSettled(vm.state)) expect(vm.activeJobId).not.toBeNull();
    const isBusy = vm.snapshots.some(({ state }) => state !== "ready" && state !== "failed");
    if (isBusy) expect(vm.activeJobId).not.toBeNull();
    if (vm.activeJobId !== null) expect(unfinished.has(vm.activeJobId)).toBe(true);
  }
  expect(new Set(vms.map(({ name }) => name)).size).toBe(vms.length);
}

/** What was told last of each VM is what a list shows. */
function told(cloud: TestCloud): Map<VmId, VmView> {
  const shown = new Map<VmId, VmView>();
  for (const event of cloud.eventsOf("vm.state")) {
    if (event.kind === "removed") shown.delete(event.vmId);
    else shown.set(event.vm.id, event.vm);
  }
  return shown;
}

async function checkAtRest(cloud: TestCloud, ada: Session): Promise<void> {
  await cloud.until("all work to end", () => cloud.jobs.runner.unfinished().length === 0);
  await checkNow(cloud, ada);
  const { vms } = await cloud.call(ada, "vm.list", {});
  expect(told(cloud)).toEqual(new Map(vms.map((vm) => [vm.id, vm])));
  const { jobs } = await cloud.call(ada, "job.list", { limit: 200 });
  for (const job of jobs) expect(job.endedAtMs).not.toBeNull();
  const host = (await cloud.driver.inspect()).map(({ ref }) => ref.name).sort();
  // A failed create leaves nothing; a failed destroy cannot happen here.
  expect(host).toEqual(
    vms
      .filter(({ state }) => state !== "failed")
      .map(({ name }) => name)
      .sort(),
  );
}

/** Nothing is held for ever, and what is there is what is paid for and counted. */
async function checkAccounts(cloud: TestCloud, ada: Session): Promise<void> {
  const { vms } = await cloud.call(ada, "vm.list", {});
  const { entries } = await cloud.call(ada, "credits.ledger", { limit: 200 });
  const countOf = (kind: string) => entries.filter((entry) => entry.kind === kind).length;
  expect(countOf("release")).toBe(countOf("hold"));
  const { held, burnPerHour } = cloud.credits.viewOf(ada.userId);
  expect([held, burnPerHour]).toEqual([0, vms.reduce((sum, vm) => sum + priceOf(vm, vm.state), 0)]);
  const { used } = cloud.quotas.viewOf(ada.userId);
  expect([used.vms, used.ramMb, used.snapshots]).toEqual([
    vms.length,
    vms.reduce((sum, vm) => sum + vm.ramMb, 0),
    vms.reduce((sum, vm) => sum + vm.snapshots.length, 0),
  ]);
  for (const vm of vms.filter(({ state }) => state !== "failed")) {
    const listed = await cloud.driver.listSnapshots({ vmId: vm.id, ownerId: ada.userId, name: vm.name });
    const rows = vm.snapshots.map(({ id }) => `s${id}`);
    expect(listed.toSorted()).toEqual(rows.toSorted());
  }
}

test("holds for any order of events", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 3, maxLength: 25 }), async (moves) => {
      const cloud = openCloud();
      try {
        const ada = cloud.user("ada");
        for (const next of moves) {
          await make(cloud, ada, next).catch((error: unknown) => {
            // Refusals are answers; anything else is a fault.
            if (!(error instanceof AppError) || error.code === "internal") throw error;
          });
          await checkNow(cloud, ada);
        }
        await checkAtRest(cloud, ada);
        await checkAccounts(cloud, ada);
      } finally {
        await cloud.close();
      }
    }),
    { numRuns: 50 },
  );
}, 150_000);

/** `snapshot.*`: disk states of a VM to go back to. The work is a job of the VM; rows tell what is there. */
import type { JobId, SnapshotId, SnapshotView } from "#protocol";
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import { originOf, type VmCaller } from "../deps.ts";
import type { VmCommandDeps } from "../command-deps.ts";
import type { VmRow } from "../vm-row.ts";

export const listSnapshots = defineCommand(
  "snapshot.list",
  ({ vmId }, { session }, { rowFor, snapshots }: VmCommandDeps) => ({
    snapshots: snapshots.of(rowFor(session, vmId).id),
  }),
);

export const createSnapshot = defineCommand("snapshot.create", (input, caller, deps: VmCommandDeps) => {
  const { vmId, name, description } = input;
  const { driver, snapshots, admission, actions, clock } = deps;
  const vm = deps.rowFor(caller.session, vmId);
  const before = answered(deps, caller, () => snapshots.of(vmId).find((taken) => taken.name === name));
  if (before) return before;
  requireSnapshots(deps);
  if (vm.state === "running" && !driver.abilities.snapshotWhileRunning)
    throw new AppError("unsupported", "Stop this VM first: a snapshot can only be taken while it is off");

  const asked = { ...originOf(caller), request: { vmId, name, description } };
  const { jobId } = actions.operate(vm, "snapshot", asked, () => {
    admission.admitSnapshot(vm.ownerId);
    snapshots.insert(vmId, name, description, clock.now());
  });
  return { snapshot: busy(deps, vm), jobId };
});

export const restoreSnapshot = defineCommand("snapshot.restore", (input, caller, deps: VmCommandDeps) => {
  const { driver, snapshots, actions } = deps;
  const vm = deps.rowFor(caller.session, input.vmId);
  const before = answered(deps, caller, () => snapshots.find(input.vmId, input.snapshotId));
  if (before) return before;
  requireSnapshots(deps);
  const snapshot = readySnapshot(deps, vm, input.snapshotId);
  const { jobId } = actions.operate(vm, "restore", { ...originOf(caller), request: input }, () => {
    // One that kept the memory leaves the VM running.
    if (vm.state === "stopped" && driver.abilities.snapshotWhileRunning) actions.checkStart(vm);
    snapshots.set(snapshot.id, { state: "restoring" });
  });
  return { snapshot: busy(deps, vm), jobId };
});

export const deleteSnapshot = defineCommand("snapshot.delete", (input, caller, deps: VmCommandDeps) => {
  const { snapshots, actions } = deps;
  const vm = deps.rowFor(caller.session, input.vmId);
  const before = answered(deps, caller, () => snapshots.find(input.vmId, input.snapshotId));
  if (before) return before;
  requireSnapshots(deps);
  const snapshot = foundSnapshot(deps, vm, input.snapshotId);
  const { jobId } = actions.operate(vm, "deleteSnapshot", { ...originOf(caller), request: input }, () =>
    snapshots.set(snapshot.id, { state: "deleting" }),
  );
  return { snapshot: busy(deps, vm), jobId };
});

/** The same words for an absent snapshot and one of another VM. */
function foundSnapshot({ snapshots }: VmCommandDeps, vm: VmRow, id: SnapshotId): SnapshotView {
  const snapshot = snapshots.find(vm.id, id);
  if (!snapshot) throw new AppError("not_found", "No such snapshot");
  return snapshot;
}

/** Throws `conflict` for one that is not whole. */
export function readySnapshot(deps: VmCommandDeps, vm: VmRow, id: SnapshotId): SnapshotView {
  const snapshot = foundSnapshot(deps, vm, id);
  if (snapshot.state === "failed")
    throw new AppError("conflict", "This snapshot failed and cannot be used; delete it");
  if (snapshot.state !== "ready") throw new AppError("conflict", "A job still works on this snapshot");
  return snapshot;
}

function requireSnapshots({ driver }: VmCommandDeps): void {
  if (driver.abilities.snapshots) return;
  throw new AppError("unsupported", `The ${driver.info.name} driver has no snapshots`);
}

function busy({ snapshots }: VmCommandDeps, vm: VmRow): SnapshotView {
  const snapshot = snapshots.busyOf(vm.id);
  if (!snapshot) throw new AppError("internal", "A snapshot vanished while its job was written");
  return snapshot;
}

/** What a request that a crash cut had begun; null for one that has made nothing yet. */
function answered(
  deps: VmCommandDeps,
  caller: VmCaller,
  find: () => SnapshotView | undefined,
): { snapshot: SnapshotView; jobId: JobId } | null {
  const job = deps.earlier(caller);
  if (!job) return null;
  const snapshot = find();
  if (!snapshot)
    throw new AppError("conflict", "This request was carried out before, and its snapshot is gone since");
  return { snapshot, jobId: job.id };
}

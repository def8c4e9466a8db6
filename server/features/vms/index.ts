/** Front door of the VM feature. */
import type { UserId, VmId } from "#protocol";
import type { Session } from "../../core/caller.ts";
import { DisposableStack } from "../../core/disposable.ts";
import type { Feature } from "../../core/feature.ts";
import type { RetryJob } from "../../core/jobs.ts";
import { defineTopic } from "../../core/topic.ts";
import type { VmAdmin } from "../../core/vm-admin.ts";
import { bulkVms, destroyVm, restartVm, startVm, stopVm } from "./commands/act-on-vm.ts";
import { listAllVms, listOrphans, removeOrphan, stopAllVms } from "./commands/admin-vms.ts";
import { cloneVm } from "./commands/clone-vm.ts";
import { createVm } from "./commands/create-vm.ts";
import { getVm } from "./commands/get-vm.ts";
import { listVms } from "./commands/list-vms.ts";
import { rebuildVm } from "./commands/rebuild-vm.ts";
import { resizeVm } from "./commands/resize-vm.ts";
import { createSnapshot, deleteSnapshot, listSnapshots, restoreSnapshot } from "./commands/snapshots.ts";
import { addSshKey, listSshKeys, removeSshKey } from "./commands/ssh-keys.ts";
import { extendLease, getStartup, updateVm } from "./commands/update-vm.ts";
import type { VmDeps, VmLookup } from "./deps.ts";
import { assemble } from "./assembly.ts";
import { createLeaseKeeper } from "./lease/lease-keeper.ts";
import { type ReconcileReport, reconcile } from "./reconcile.ts";
import { createScheduleKeeper } from "./schedule/schedule-keeper.ts";
import { createVmAdmin, stopRunning } from "./vm-admin.ts";
import { retryVmJob } from "./vm-retry.ts";
import { noSuchVm, refOf } from "./vm-view.ts";
import type { VmCommandDeps } from "./command-deps.ts";
import type { VmRow } from "./vm-row.ts";

export type { FoundVm, VmDeps, VmLookup } from "./deps.ts";
export type { ReconcileReport } from "./reconcile.ts";
export { vmJobKinds } from "./vm-retry.ts";

export interface VmFeature extends Feature, VmLookup {
  readonly admin: VmAdmin;
  /** For jobs of `vmJobKinds`. */
  readonly retry: RetryJob;
  /** Stops what runs of a user who cannot pay any more; ask again while something still runs. */
  stopRunning(ownerId: UserId): void;
  /** Call once, before the port opens. */
  reconcile(): Promise<ReconcileReport>;
}

const definitions = [
  ...[listVms, getVm, createVm, startVm, stopVm, restartVm, destroyVm, bulkVms],
  ...[updateVm, extendLease, getStartup, resizeVm, rebuildVm, cloneVm],
  ...[listSnapshots, createSnapshot, restoreSnapshot, deleteSnapshot],
  ...[listSshKeys, addSshKey, removeSshKey],
  ...[listAllVms, stopAllVms, listOrphans, removeOrphan],
];

export function createVmFeature(deps: VmDeps): VmFeature {
  const owned = new DisposableStack();
  const { parts, facts, work, ends, orphans, actions, making, delivery } = assemble(deps, owned);
  const { repo, views } = parts;

  function rowFor(session: Session, vmId: VmId): VmRow {
    const row = repo.find(vmId);
    if (!row || (row.ownerId !== session.userId && session.role !== "admin")) throw noSuchVm();
    return row;
  }

  const { events: eventLog, ...rest } = deps;
  const { events: told, ...stores } = parts;
  const commandDeps: VmCommandDeps = {
    ...{ ...rest, ...stores, eventLog, told, actions, making, orphans, delivery, rowFor },
    earlier: ({ session, requestKey }) =>
      requestKey === undefined ? undefined : deps.jobs.findByRequestKey(session.userId, requestKey),
  };
  const keeper = { ...deps, repo, actions, eventLog };
  const keepers = [owned.use(createLeaseKeeper(keeper)), owned.use(createScheduleKeeper(keeper))];

  return {
    commands: definitions.map((definition) => definition.bind(commandDeps)),
    topics: [defineTopic("vm.state", ({ ownerId }) => ({ vms: views.all(repo.list(ownerId)) }))],
    admin: createVmAdmin(commandDeps),
    retry: (job, request, caller) => retryVmJob({ deps: commandDeps, job, request, caller }),
    stopRunning: (ownerId) => stopRunning(commandDeps, ownerId),
    find(session, vmId) {
      const row = rowFor(session, vmId);
      const view = views.of(row);
      return { ref: refOf(row), state: view.state, view };
    },
    ownerOf: (vmId) => repo.find(vmId)?.ownerId ?? null,
    isOurs(ref) {
      const row = repo.find(ref.vmId);
      return row !== undefined && refOf(row).ownerId === ref.ownerId;
    },
    async reconcile() {
      const report = await reconcile(deps, { ...parts, facts, work, ends, orphans });
      keepers.forEach((each) => each.look());
      return report;
    },
    dispose: () => owned.dispose(),
  };
}

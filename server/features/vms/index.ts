/** Front door of the VM feature. */
import type { JobId, JobView, VmId } from "#protocol";
import type { Session } from "../../core/caller.ts";
import { DisposableStack } from "../../core/disposable.ts";
import { AppError } from "../../core/errors.ts";
import type { Feature } from "../../core/feature.ts";
import { defineTopic } from "../../core/topic.ts";
import { destroyVm, restartVm, startVm, stopVm } from "./commands/act-on-vm.ts";
import { createVm } from "./commands/create-vm.ts";
import { getVm } from "./commands/get-vm.ts";
import { listVms } from "./commands/list-vms.ts";
import type { VmCommandDeps, VmDeps, VmLookup } from "./deps.ts";
import { createHostFacts } from "./host-facts.ts";
import { type ReconcileReport, reconcile } from "./reconcile.ts";
import { createVmEvents } from "./vm-events.ts";
import { VmRepo, type VmRow } from "./vm-repo.ts";
import { noSuchVm, refOf, viewOf } from "./vm-view.ts";
import { createVmWatch } from "./vm-watch.ts";
import { VmWork } from "./vm-work.ts";

export type { FoundVm, VmDeps, VmLookup } from "./deps.ts";
export type { ReconcileReport } from "./reconcile.ts";

export interface VmFeature extends Feature, VmLookup {
  /** Call once, before the port opens. */
  reconcile(): Promise<ReconcileReport>;
}

const definitions = [listVms, getVm, createVm, startVm, stopVm, restartVm, destroyVm];

export function createVmFeature(deps: VmDeps): VmFeature {
  const { driver } = deps;
  const owned = new DisposableStack();
  const repo = new VmRepo(deps.db, deps.jobs);
  const events = createVmEvents(deps, repo);
  const facts = createHostFacts(deps);
  const watch = owned.use(createVmWatch(deps, { repo, events, facts }));
  const work = new VmWork(deps, { repo, events, facts, watch });

  function rowFor(session: Session, vmId: VmId): VmRow {
    const row = repo.find(vmId);
    if (row?.ownerId !== session.userId) throw noSuchVm();
    return row;
  }

  function accept(vmId: VmId, job: JobView, replaces: JobId | null = null) {
    const row = repo.find(vmId);
    if (!row) throw new AppError("internal", "A VM vanished while its job was written");
    events.changed(vmId);
    void work.begin(row, job, replaces);
    return { vm: viewOf(row, driver.info), jobId: job.id };
  }

  let orphans: ReconcileReport["orphans"] = [];
  const commandDeps: VmCommandDeps = {
    ...deps,
    repo,
    rowFor,
    accept,
    isOrphan: (ownerId, name) => orphans.some((ref) => ref.ownerId === ownerId && ref.name === name),
  };
  return {
    commands: definitions.map((definition) => definition.bind(commandDeps)),
    topics: [
      defineTopic("vm.state", ({ ownerId }) => ({
        vms: repo.list(ownerId).map((row) => viewOf(row, driver.info)),
      })),
    ],
    find(session, vmId) {
      const row = rowFor(session, vmId);
      const view = viewOf(row, driver.info);
      return { ref: refOf(row), state: view.state, view };
    },
    ownerOf: (vmId) => repo.find(vmId)?.ownerId ?? null,
    async reconcile() {
      const report = await reconcile(deps, { repo, events, facts, work });
      orphans = report.orphans;
      return report;
    },
    dispose: () => owned.dispose(),
  };
}

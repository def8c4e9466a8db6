/** Implements `VmAdmin`: what other features ask of VMs. */
import type { UserId, VmView } from "#protocol";
import type { VmAdmin } from "../../core/vm-admin.ts";
import { noSuchVm } from "./vm-view.ts";
import type { VmCommandDeps } from "./command-deps.ts";

type AdminDeps = Pick<VmCommandDeps, "repo" | "views" | "actions" | "admission" | "told" | "delivery">;

export function createVmAdmin(deps: AdminDeps): VmAdmin {
  const { repo, views, actions } = deps;
  return {
    act(vmId, action, actor) {
      const row = repo.find(vmId);
      if (!row) throw noSuchVm();
      return actions.act(row, action, { actor }).jobId;
    },
    ownedBy: (ownerId) => views.all(repo.list(ownerId)),
    running: () => views.all(repo.list(null)).filter(isAwake),
    transfer: (from, to) => transfer(deps, from, to),
  };
}

/** Every VM of a user that runs is stopped; one that is at work is left for the next time this is asked. */
export function stopRunning({ repo, actions, log }: StopDeps, ownerId: UserId): void {
  for (const row of repo.list(ownerId)) {
    if (row.state !== "running" || row.activeJobId !== null) continue;
    try {
      actions.act(row, "stop", { actor: null });
    } catch (error) {
      log.warn({ err: error, vmId: row.id }, "A VM could not be stopped");
    }
  }
}

type StopDeps = Pick<VmCommandDeps, "repo" | "actions" | "log">;

function isAwake({ state }: Pick<VmView, "state">): boolean {
  return state === "running" || state === "starting" || state === "restarting" || state === "pending";
}

function transfer(deps: AdminDeps, from: UserId, to: UserId): void {
  const { repo, admission, told, delivery } = deps;
  const moved = repo.list(from);
  repo.tx(() => {
    for (const row of moved) {
      // The host holds it already: only the quota of the new owner counts, which `replaces` says; snapshots come along.
      admission.admit({ ownerId: to, size: row, replaces: row.id });
      repo.setOwner(row, to);
    }
  });
  for (const row of moved) {
    told.removed(row);
    told.changed(row.id);
    // The keys of the old owner must not open what is somebody else's now.
    delivery.put(row);
  }
  admission.changed(from);
  admission.changed(to);
}

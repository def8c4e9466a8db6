/** Tells the owner of a VM how it is now. */
import type { VmId } from "#protocol";
import type { Bus } from "../../core/bus.ts";
import type { VmRepo } from "./vm-repo.ts";
import type { VmViews } from "./vm-views.ts";
import type { VmRow } from "./vm-row.ts";

export interface VmEvents {
  changed(vmId: VmId): void;
  removed(row: Pick<VmRow, "id" | "ownerId">): void;
}

export function createVmEvents(bus: Bus, repo: VmRepo, views: VmViews): VmEvents {
  return {
    changed(vmId) {
      const row = repo.find(vmId);
      if (!row) return;
      const vm = views.of(row);
      bus.publish("vm.state", { kind: "owner", ownerId: row.ownerId }, { kind: "changed", vm });
    },
    removed({ id, ownerId }) {
      bus.publish("vm.state", { kind: "owner", ownerId }, { kind: "removed", vmId: id });
    },
  };
}

/** Tells the owner of a VM how it is now. */
import type { VmId } from "#protocol";
import type { VmDeps } from "./deps.ts";
import type { VmRepo, VmRow } from "./vm-repo.ts";
import { viewOf } from "./vm-view.ts";

export interface VmEvents {
  changed(vmId: VmId): void;
  removed(row: Pick<VmRow, "id" | "ownerId">): void;
}

export function createVmEvents({ bus, driver }: Pick<VmDeps, "bus" | "driver">, repo: VmRepo): VmEvents {
  return {
    changed(vmId) {
      const row = repo.find(vmId);
      if (!row) return;
      const vm = viewOf(row, driver.info);
      bus.publish("vm.state", { kind: "owner", ownerId: row.ownerId }, { kind: "changed", vm });
    },
    removed({ id, ownerId }) {
      bus.publish("vm.state", { kind: "owner", ownerId }, { kind: "removed", vmId: id });
    },
  };
}

/** One action on many VMs: who it is for, and what came of it in one sentence; pure. */
import type { VmAction, VmId, VmView } from "#protocol";
import { actionRefusal } from "../vm-rules.ts";

export type BulkAction = VmAction;

/** What came of the action on one VM; `reason` is null when the server took it. */
export interface BulkResult {
  readonly vmId: VmId;
  readonly name: string;
  readonly reason: string | null;
}

export interface BulkPlan {
  readonly ready: readonly VmView[];
  /** Those whose state does not allow it: they are told so, and the server is not asked. */
  readonly refused: readonly BulkResult[];
}

export function planBulk(action: BulkAction, vms: readonly VmView[]): BulkPlan {
  const answers = vms.map((vm) => ({ vm, reason: actionRefusal(action, vm) }));
  return {
    ready: answers.filter(({ reason }) => reason === null).map(({ vm }) => vm),
    refused: answers
      .filter(({ reason }) => reason !== null)
      .map(({ vm, reason }) => ({ vmId: vm.id, name: vm.name, reason })),
  };
}

const doing = {
  start: "Starting",
  stop: "Stopping",
  restart: "Restarting",
  destroy: "Destroying",
} as const satisfies Record<BulkAction, string>;

/** "1 VM", "3 VMs". */
export const countVms = (count: number) => (count === 1 ? "1 VM" : `${count} VMs`);

export interface BulkSummary {
  readonly title: string;
  readonly detail: string;
  readonly kind: "success" | "warning" | "error";
}

export function summarise(action: BulkAction, results: readonly BulkResult[]): BulkSummary {
  const failed = results.filter(({ reason }) => reason !== null);
  const taken = results.length - failed.length;
  const detail = failed.map(({ name, reason }) => `${name}: ${reason}`).join("\n");
  if (failed.length === 0) return { title: `${doing[action]} ${countVms(taken)}`, detail, kind: "success" };
  if (taken === 0) return { title: `Could not ${action} ${countVms(failed.length)}`, detail, kind: "error" };
  return { title: `${doing[action]} ${taken} of ${countVms(results.length)}`, detail, kind: "warning" };
}

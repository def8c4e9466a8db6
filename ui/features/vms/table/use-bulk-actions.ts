/** `useBulkActions()`: starts or stops many VMs; every row gets its result, the toast has the sum. */
import { shallowRef } from "vue";
import { toast } from "vue-sonner";
import type { VmId, VmView } from "#protocol";
import { useVmCommands } from "../vms.commands.ts";
import type { BulkAction, BulkResult } from "./bulk-plan.ts";
import { planBulk, summarise } from "./bulk-plan.ts";

export function useBulkActions() {
  const { tryAct } = useVmCommands();
  const results = shallowRef<ReadonlyMap<VmId, BulkResult>>(new Map());
  const running = shallowRef<BulkAction | null>(null);

  async function run(action: BulkAction, vms: readonly VmView[]): Promise<void> {
    if (running.value !== null || vms.length === 0) return;
    running.value = action;
    const plan = planBulk(action, vms);
    const asked = await Promise.all(
      plan.ready.map(async (vm): Promise<BulkResult> => ({
        vmId: vm.id,
        name: vm.name,
        reason: await tryAct(action, vm),
      })),
    );
    running.value = null;
    const all = [...asked, ...plan.refused];
    results.value = new Map(all.map((result) => [result.vmId, result]));
    const { title, detail, kind } = summarise(action, all);
    toast[kind](title, { description: detail || undefined });
  }

  return { results, running, run };
}

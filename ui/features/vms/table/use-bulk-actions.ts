/** `useBulkActions()`: one action on many VMs by one request; every row gets its result, the toast has the sum. */
import { shallowRef } from "vue";
import { toast } from "vue-sonner";
import type { VmId, VmView } from "#protocol";
import { messageOf } from "../../../shared/format/message-of.ts";
import { useVmCommands } from "../vms.commands.ts";
import type { BulkAction, BulkResult } from "./bulk-plan.ts";
import { planBulk, summarise } from "./bulk-plan.ts";

export function useBulkActions() {
  const { bulk } = useVmCommands();
  const results = shallowRef<ReadonlyMap<VmId, BulkResult>>(new Map());
  const running = shallowRef<BulkAction | null>(null);

  async function ask(action: BulkAction, vms: readonly VmView[]): Promise<readonly BulkResult[]> {
    if (vms.length === 0) return [];
    const resultOf = (vm: VmView, reason: string | null) => ({ vmId: vm.id, name: vm.name, reason });
    try {
      const answers = await bulk(
        action,
        vms.map(({ id }) => id),
      );
      const reasons = new Map(answers.map(({ vmId, error }) => [vmId, error?.message ?? null]));
      return vms.map((vm) => resultOf(vm, reasons.get(vm.id) ?? null));
    } catch (error) {
      return vms.map((vm) => resultOf(vm, messageOf(error)));
    }
  }

  async function run(action: BulkAction, vms: readonly VmView[]): Promise<void> {
    if (running.value !== null || vms.length === 0) return;
    running.value = action;
    const plan = planBulk(action, vms);
    const all = [...(await ask(action, plan.ready)), ...plan.refused];
    running.value = null;
    results.value = new Map(all.map((result) => [result.vmId, result]));
    const { title, detail, kind } = summarise(action, all);
    toast[kind](title, { description: detail || undefined });
  }

  return { results, running, run };
}

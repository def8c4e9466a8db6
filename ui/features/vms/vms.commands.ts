/** What people do with machines: shown at once, taken back when the server refuses. */
import { toast } from "vue-sonner";
import { RequestError } from "#client";
import type { VmAction, VmSpec, VmView } from "#protocol";
import { useClient } from "../../shared/session/index.ts";
import { useVmsStore } from "./vms.store.ts";

const verbs = { start: "start", stop: "stop", restart: "restart", destroy: "destroy" } as const;

export function useVmCommands() {
  const client = useClient();
  const store = useVmsStore();

  return {
    /** True when the server took it. */
    async act(action: VmAction, vm: VmView): Promise<boolean> {
      store.expect(vm.id, action);
      try {
        const answer = await client.request(`vm.${action}`, { vmId: vm.id });
        store.confirm(answer.vm);
        return true;
      } catch (error) {
        store.undo(vm.id);
        const why = error instanceof RequestError ? error.message : "Something went wrong on this page";
        toast.error(`Could not ${verbs[action]} ${vm.name}`, { description: why });
        return false;
      }
    },

    /** Rejects with `RequestError`; its `field` names the input at fault. */
    async create(spec: VmSpec): Promise<VmView> {
      const { vm } = await client.request("vm.create", spec);
      store.addCreated(vm);
      return vm;
    },
  };
}

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

  /** Null when the server took it, else why not. */
  async function tryAct(action: VmAction, vm: VmView): Promise<string | null> {
    store.expect(vm.id, action);
    try {
      const answer = await client.request(`vm.${action}`, { vmId: vm.id });
      store.confirm(answer.vm);
      return null;
    } catch (error) {
      store.undo(vm.id);
      return error instanceof RequestError ? error.message : "Something went wrong on this page";
    }
  }

  return {
    tryAct,

    /** True when the server took it; says so when not. */
    async act(action: VmAction, vm: VmView): Promise<boolean> {
      const why = await tryAct(action, vm);
      if (why !== null) toast.error(`Could not ${verbs[action]} ${vm.name}`, { description: why });
      return why === null;
    },

    /** Rejects with `RequestError`; its `field` names the input at fault. */
    async create(spec: VmSpec): Promise<VmView> {
      const { vm } = await client.request("vm.create", spec);
      store.addCreated(vm);
      return vm;
    },
  };
}

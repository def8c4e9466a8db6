/** What people do with machines: switching is shown at once and taken back when refused, all else waits for the server. */
import { toast } from "vue-sonner";
import type { CommandOutput, CommandRequest, VmAction, VmId, VmView } from "#protocol";
import { useClient } from "../../shared/session/index.ts";
import { messageOf } from "../../shared/format/message-of.ts";
import { useVmsStore } from "./vms.store.ts";

const verbs = { start: "start", stop: "stop", restart: "restart", destroy: "destroy" } as const;

export type BulkAnswers = CommandOutput<"vm.bulk">["results"];
/** Commands that a job carries out. */
type LongCommand =
  "vm.resize" | "vm.rebuild" | "snapshot.create" | "snapshot.restore" | "snapshot.delete" | "vm.clone";

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
      return messageOf(error);
    }
  }

  /** Rejects with `RequestError`; its `field` names the input at fault. */
  async function create(input: CommandRequest<"vm.create">): Promise<VmView> {
    const { vm } = await client.request("vm.create", input);
    store.addCreated(vm);
    return vm;
  }

  /** Rejects as well. */
  async function update(input: CommandRequest<"vm.update">): Promise<void> {
    store.take((await client.request("vm.update", input)).vm);
  }

  async function extendLease(vmId: VmId, hours: number | null): Promise<void> {
    store.take((await client.request("vm.extendLease", { vmId, hours })).vm);
  }

  return {
    tryAct,
    create,
    update,
    extendLease,

    /** True when the server took it; says so when not. */
    async act(action: VmAction, vm: VmView): Promise<boolean> {
      const why = await tryAct(action, vm);
      if (why !== null) toast.error(`Could not ${verbs[action]} ${vm.name}`, { description: why });
      return why === null;
    },

    /** One answer for each; a refusal of one leaves the others alone. Rejects when the server cannot be asked. */
    async bulk(action: VmAction, vmIds: readonly VmId[]): Promise<BulkAnswers> {
      for (const vmId of vmIds) store.expect(vmId, action);
      try {
        const { results } = await client.request("vm.bulk", { action, vmIds: [...vmIds] });
        for (const { vmId, error } of results) if (error) store.undo(vmId);
        return results;
      } catch (error) {
        for (const vmId of vmIds) store.undo(vmId);
        throw error;
      }
    },

    /** Null when a job has begun, else why not. */
    async tryLong<N extends LongCommand>(name: N, input: CommandRequest<N>): Promise<string | null> {
      try {
        await client.request(name, input);
        return null;
      } catch (error) {
        return messageOf(error);
      }
    },
  };
}

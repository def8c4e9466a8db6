/** Your machines, live. */
import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";
import type { EventOf, SnapshotOf, VmAction, VmId, VmView } from "#protocol";
import {
  addCreated,
  applyVmEvent,
  applyVmSnapshot,
  confirmAction,
  countVms,
  emptyVmList,
  expectAction,
  shownVms,
  takeAnswer,
  undoAction,
} from "./vm-list.ts";

export const useVmsStore = defineStore("vms", () => {
  const list = shallowRef(emptyVmList);
  const vms = computed(() => shownVms(list.value));

  return {
    vms,
    isLoaded: computed(() => list.value.isLoaded),
    count: computed(() => countVms(vms.value)),
    find: (vmId: number): VmView | null => vms.value.find((vm) => vm.id === vmId) ?? null,
    applySnapshot: (data: SnapshotOf<"vm.state">) => void (list.value = applyVmSnapshot(data)),
    applyEvent: (event: EventOf<"vm.state">) => void (list.value = applyVmEvent(list.value, event)),
    expect: (vmId: VmId, action: VmAction) => void (list.value = expectAction(list.value, vmId, action)),
    confirm: (vm: VmView) => void (list.value = confirmAction(list.value, vm)),
    take: (vm: VmView) => void (list.value = takeAnswer(list.value, vm)),
    undo: (vmId: VmId) => void (list.value = undoAction(list.value, vmId)),
    addCreated: (vm: VmView) => void (list.value = addCreated(list.value, vm)),
    forget: () => void (list.value = emptyVmList),
  };
});

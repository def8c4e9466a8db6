/** `useHeardVms(rows)`: rows of the server, kept up to date by what happens to the VMs of everybody. */
import type { ComputedRef } from "vue";
import { computed, onScopeDispose, shallowRef, watch } from "vue";
import type { VmView } from "#protocol";
import { useClient } from "../../../shared/session/index.ts";
import { withHeard } from "./vm-columns.ts";

export interface HeardVms {
  readonly rows: ComputedRef<readonly VmView[] | null>;
}

/** `onUnknown` hears of a VM that is not among the rows: it is new, or of another page; null after a lost connection. */
export function useHeardVms(
  read: () => readonly VmView[] | null,
  onUnknown: (vm: VmView | null) => void,
): HeardVms {
  const client = useClient();
  const heard = shallowRef<ReadonlyMap<number, VmView | null>>(new Map());
  let isFirst = true;

  // What was read is newer than what was heard before.
  watch(read, () => (heard.value = new Map()));

  const end = client.subscribe("vm.state", {
    key: "all",
    onSnapshot() {
      if (!isFirst) onUnknown(null);
      isFirst = false;
    },
    onEvent(event) {
      const vmId = event.kind === "changed" ? event.vm.id : event.vmId;
      heard.value = new Map(heard.value).set(vmId, event.kind === "changed" ? event.vm : null);
      if (event.kind === "changed" && !read()?.some(({ id }) => id === vmId)) onUnknown(event.vm);
    },
  });
  onScopeDispose(end);

  return {
    rows: computed(() => {
      const rows = read();
      return rows === null ? null : withHeard(rows, heard.value);
    }),
  };
}

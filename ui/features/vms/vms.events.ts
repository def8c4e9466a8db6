/** Feeds the machines' store from the `vm.state` topic. */
import type { Client } from "#client";
import type { useVmsStore } from "./vms.store.ts";

export function subscribeVms(client: Client, store: ReturnType<typeof useVmsStore>): () => void {
  return client.subscribe("vm.state", { onSnapshot: store.applySnapshot, onEvent: store.applyEvent });
}

/** `useHostMetrics()` and `useVmMetrics()`: the metrics store, kept fed while a component uses it. */
import { onScopeDispose } from "vue";
import type { Client } from "#client";
import { useClient } from "../../shared/session/index.ts";
import { subscribeHostMetrics, subscribeVmMetrics } from "./metrics.events.ts";
import { useMetricsStore } from "./metrics.store.ts";
import type { SharedSubscription } from "./shared-subscription.ts";
import { createSharedSubscription } from "./shared-subscription.ts";

type MetricsStore = ReturnType<typeof useMetricsStore>;
type Subscribe = (client: Client, store: MetricsStore) => () => void;

/** A composable whose users share one subscription per client. */
function sharedBy(subscribe: Subscribe): () => MetricsStore {
  const byClient = new WeakMap<Client, SharedSubscription>();
  return () => {
    const client = useClient();
    const store = useMetricsStore();
    let shared = byClient.get(client);
    if (!shared) {
      shared = createSharedSubscription(() => subscribe(client, store));
      byClient.set(client, shared);
    }
    onScopeDispose(shared.acquire());
    return store;
  };
}

export const useHostMetrics = sharedBy(subscribeHostMetrics);
export const useVmMetrics = sharedBy(subscribeVmMetrics);

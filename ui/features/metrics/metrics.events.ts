/** Feeds the metrics store from the `metrics.host` and `metrics.vms` topics. */
import type { Client } from "#client";
import type { useMetricsStore } from "./metrics.store.ts";

type MetricsStore = ReturnType<typeof useMetricsStore>;

/** Values go stale the moment the socket is not online, and are live again with the next snapshot. */
function watchStatus(client: Client, store: MetricsStore): () => void {
  return client.onStatus((status) => {
    if (status.phase !== "online") store.markStale(status.sinceMs);
  });
}

export function subscribeHostMetrics(client: Client, store: MetricsStore): () => void {
  const ends = [
    watchStatus(client, store),
    client.subscribe("metrics.host", {
      onSnapshot: store.applyHostSnapshot,
      onEvent: store.applyHostEvent,
    }),
  ];
  return () => ends.forEach((end) => end());
}

export function subscribeVmMetrics(client: Client, store: MetricsStore): () => void {
  const ends = [
    watchStatus(client, store),
    client.subscribe("metrics.vms", {
      onSnapshot: store.applyVmsSnapshot,
      onEvent: store.applyVmsEvent,
    }),
  ];
  return () => ends.forEach((end) => end());
}

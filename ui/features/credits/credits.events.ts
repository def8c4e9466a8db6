/** Feeds the stores of credits and quota from their topics. */
import type { Client } from "#client";
import type { useCreditsStore } from "./credits.store.ts";
import type { useQuotaStore } from "./quota.store.ts";

export function subscribeCredits(client: Client, store: ReturnType<typeof useCreditsStore>): () => void {
  return client.subscribe("credits.state", {
    onSnapshot: ({ credits }) => store.apply(credits),
    onEvent: ({ credits }) => store.apply(credits),
  });
}

export function subscribeQuota(client: Client, store: ReturnType<typeof useQuotaStore>): () => void {
  return client.subscribe("quota.state", {
    onSnapshot: ({ quota }) => store.apply(quota),
    onEvent: ({ quota }) => store.apply(quota),
  });
}

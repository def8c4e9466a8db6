/** Live measurements of the host and of your VMs: state and pure apply; subscriptions are in metrics.events.ts. */
import { defineStore } from "pinia";
import { computed, shallowReactive, shallowRef } from "vue";
import type { EventOf, HostInventory, HostSample, SnapshotOf, VmId, VmSample } from "#protocol";
import { limits } from "#protocol";
import { appendSample, expiredRings, ringsFromSnapshot } from "./metric-rings.ts";

const nothing: readonly VmSample[] = Object.freeze([]);

export const useMetricsStore = defineStore("metrics", () => {
  // Shallow: a sample is never changed, so Vue need not look inside 600 of them every second.
  const hostHistory = shallowRef<readonly HostSample[]>([]);
  const inventory = shallowRef<HostInventory | null>(null);
  const rings = shallowReactive(new Map<VmId, readonly VmSample[]>());
  /** Since when the values are not live; null while they are. */
  const staleSinceMs = shallowRef<number | null>(null);

  const host = computed(() => hostHistory.value.at(-1) ?? null);

  function applyHostSnapshot(snapshot: SnapshotOf<"metrics.host">) {
    hostHistory.value = snapshot.history.slice(-limits.hostHistorySamples);
    inventory.value = snapshot.inventory;
    staleSinceMs.value = null;
  }

  function applyHostEvent({ sample }: EventOf<"metrics.host">) {
    hostHistory.value = appendSample(hostHistory.value, sample, limits.hostHistorySamples);
    staleSinceMs.value = null;
  }

  function applyVmsSnapshot({ vms }: SnapshotOf<"metrics.vms">) {
    const fresh = ringsFromSnapshot(vms);
    for (const id of rings.keys()) if (!fresh.has(id)) rings.delete(id);
    for (const [id, ring] of fresh) rings.set(id, ring);
    staleSinceMs.value = null;
  }

  function applyVmsEvent({ samples }: EventOf<"metrics.vms">) {
    for (const sample of samples)
      rings.set(sample.vmId, appendSample(vmHistory(sample.vmId), sample, limits.vmHistorySamples));
    const newest = samples.at(-1);
    if (newest) for (const id of expiredRings(rings, newest.atMs)) rings.delete(id);
    staleSinceMs.value = null;
  }

  /** The socket is down: what is shown was true at `sinceMs`. */
  function markStale(sinceMs: number) {
    staleSinceMs.value ??= sinceMs;
  }

  const vmHistory = (id: VmId): readonly VmSample[] => rings.get(id) ?? nothing;
  const vmLatest = (id: VmId): VmSample | null => rings.get(id)?.at(-1) ?? null;

  return {
    host,
    hostHistory,
    inventory,
    staleSinceMs,
    vmHistory,
    vmLatest,
    applyHostSnapshot,
    applyHostEvent,
    applyVmsSnapshot,
    applyVmsEvent,
    markStale,
  };
});

/** Bounded histories of samples: pure functions that return new arrays, so that a change is one reference. */
import type { VmId, VmSample } from "#protocol";
import { limits } from "#protocol";

interface Timed {
  readonly atMs: number;
}

/** `history` with `sample` at its end, at most `max` long. A sample that is not newer is left out: a repeat. */
export function appendSample<S extends Timed>(history: readonly S[], sample: S, max: number): readonly S[] {
  const newest = history.at(-1);
  if (newest && sample.atMs <= newest.atMs) return history;
  return [...history.slice(Math.max(0, history.length + 1 - max)), sample];
}

export type VmRings = ReadonlyMap<VmId, readonly VmSample[]>;

/** The rings of a `metrics.vms` snapshot: exactly what it names, nothing of before. */
export function ringsFromSnapshot(
  vms: readonly { vmId: VmId; history: readonly VmSample[] }[],
): Map<VmId, readonly VmSample[]> {
  return new Map(vms.map(({ vmId, history }) => [vmId, history.slice(-limits.vmHistorySamples)]));
}

/** How long a ring lives after its VM stopped sending: as long as its newest sample could still be on a chart. */
const RING_LIFE_MS = limits.vmHistorySamples * limits.vmSampleEveryMs;

/** Ids of rings whose newest sample has left every chart, so that destroyed VMs cost nothing. */
export function expiredRings(rings: VmRings, nowMs: number): VmId[] {
  return [...rings].filter(([, ring]) => (ring.at(-1)?.atMs ?? 0) < nowMs - RING_LIFE_MS).map(([id]) => id);
}

/** The part of `history` that is inside the window that ends with its newest sample. */
export function lastPart<S extends Timed>(history: readonly S[], rangeMs: number): readonly S[] {
  const newest = history.at(-1);
  if (!newest) return history;
  const from = newest.atMs - rangeMs;
  const first = history.findIndex((sample) => sample.atMs >= from);
  return first <= 0 ? history : history.slice(first);
}

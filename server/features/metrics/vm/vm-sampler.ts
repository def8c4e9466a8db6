/** Asks the driver for the counters of all VMs, never twice at a time, and keeps the newest samples of each. */
import { limits, type UserId, type VmId, type VmSample } from "#protocol";
import type { Clock } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";
import type { VmCounters, VmDriver, VmRef } from "../../../drivers/vm-driver.ts";
import { Ring } from "../ring.ts";
import { vmSampleOf } from "./vm-rates.ts";

/** Later than this the driver counts as hung; that is logged once, and it is not asked again until it answers. */
const HUNG_MS = 10_000;
const HISTORY_MS = limits.vmHistorySamples * limits.vmSampleEveryMs;

export interface VmSampler {
  /** Starts one question, unless the last is still open. */
  ask(): void;
  /** Samples that arrived since the last call, by owner. */
  take(): ReadonlyMap<UserId, VmSample[]>;
  /** The last ten minutes, oldest first. */
  history(vmId: VmId): VmSample[];
  /** One of every VM that answered lately. */
  newest(): VmSample[];
  /** VMs with samples. */
  known(): VmId[];
  forget(vmId: VmId): void;
}

interface Deps {
  readonly driver: Pick<VmDriver, "sample">;
  readonly clock: Clock;
  readonly log: Log;
  /** Null for VMs the database does not know: theirs is nobody's business. */
  readonly ownerOf: (vmId: VmId) => UserId | null;
  readonly isOurs: (ref: VmRef) => boolean;
}

export function createVmSampler({ driver, clock, log, ownerOf, isOurs }: Deps): VmSampler {
  const rings = new Map<VmId, Ring<VmSample>>();
  let before = new Map<VmId, VmCounters>();
  let fresh: VmSample[] = [];
  let askedAtMs: number | null = null;
  let isHungLogged = false;

  function receive(counters: readonly VmCounters[]): void {
    const ours = counters.filter(({ ref }) => isOurs(ref));
    fresh = ours.map((now) => vmSampleOf(before.get(now.ref.vmId) ?? null, now));
    before = new Map(ours.map((now) => [now.ref.vmId, now]));
    for (const sample of fresh) ringOf(sample.vmId).push(sample);
  }

  function ringOf(vmId: VmId): Ring<VmSample> {
    const ring = rings.get(vmId) ?? new Ring<VmSample>(limits.vmHistorySamples);
    rings.set(vmId, ring);
    return ring;
  }

  async function askDriver(): Promise<void> {
    try {
      receive(await driver.sample());
      isHungLogged = false;
    } catch (error) {
      log.warn({ err: error }, "The driver could not measure its VMs");
    } finally {
      askedAtMs = null;
    }
  }

  return {
    ask() {
      if (askedAtMs === null) {
        askedAtMs = clock.now();
        void askDriver();
      } else if (!isHungLogged && clock.now() - askedAtMs > HUNG_MS) {
        isHungLogged = true;
        log.error({ askedAtMs }, "The driver does not answer when asked for measurements");
      }
    },
    take() {
      const taken = byOwner(fresh, ownerOf);
      fresh = [];
      return taken;
    },
    history(vmId) {
      const sinceMs = clock.now() - HISTORY_MS;
      return (rings.get(vmId)?.toArray() ?? []).filter(({ atMs }) => atMs > sinceMs);
    },
    newest() {
      const sinceMs = clock.now() - HUNG_MS;
      return [...rings.values()].flatMap(({ last }) => (last !== null && last.atMs > sinceMs ? [last] : []));
    },
    known: () => [...rings.keys()],
    forget(vmId) {
      rings.delete(vmId);
      before.delete(vmId);
    },
  };
}

function byOwner(samples: readonly VmSample[], ownerOf: Deps["ownerOf"]): ReadonlyMap<UserId, VmSample[]> {
  const groups = new Map<UserId, VmSample[]>();
  for (const sample of samples) {
    const ownerId = ownerOf(sample.vmId);
    if (ownerId !== null) groups.set(ownerId, [...(groups.get(ownerId) ?? []), sample]);
  }
  return groups;
}

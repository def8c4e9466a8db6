/** Front door of the metrics feature. */
import { limits, type HostSample, type UserId, type VmId, type VmSample } from "#protocol";
import type { Bus } from "../../core/bus.ts";
import type { Session } from "../../core/caller.ts";
import type { Clock } from "../../core/clock.ts";
import { DisposableStack } from "../../core/disposable.ts";
import type { Feature } from "../../core/feature.ts";
import type { Log } from "../../core/log.ts";
import { defineTopic } from "../../core/topic.ts";
import type { VmDriver, VmRef } from "../../drivers/vm-driver.ts";
import { hostNow, type MetricsCommandDeps, vmNow } from "./commands.ts";
import { createHostMetrics } from "./host/choose-host-metrics.ts";
import type { HostMetrics } from "./host/host-metrics.ts";
import { createInventory } from "./host/inventory.ts";
import { Ring } from "./ring.ts";
import { createTicker } from "./ticker.ts";
import { createVmSampler } from "./vm/vm-sampler.ts";

export interface MetricsDeps {
  readonly driver: Pick<VmDriver, "sample">;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** TWARGA_HOME: the space of its file system is shown. */
  readonly home: string;
  readonly vms: {
    find(session: Session, vmId: VmId): unknown;
    ownerOf(vmId: VmId): UserId | null;
    isOurs(ref: VmRef): boolean;
  };
  /** Another source for tests. */
  readonly host?: HostMetrics;
}

/** VM samples travel with every second host sample. */
const SECONDS_PER_VM_SAMPLE = limits.vmSampleEveryMs / limits.hostSampleEveryMs;

export interface MetricsFeature extends Feature {
  /** The newest sample of every VM that is measured now. */
  newestVmSamples(): VmSample[];
}

export function createMetricsFeature(deps: MetricsDeps): MetricsFeature {
  const { bus, clock, log, vms } = deps;
  const owned = new DisposableStack();
  const host = owned.use(deps.host ?? createHostMetrics(deps.home, log));
  const inventory = owned.use(createInventory(clock, log));
  const hostRing = new Ring<HostSample>(limits.hostHistorySamples);
  const sampler = createVmSampler({ ...deps, ownerOf: vms.ownerOf, isOurs: vms.isOurs });

  function publishHost(): void {
    const sample = host.sample(clock.now());
    if (!sample) return;
    hostRing.push(sample);
    bus.publish("metrics.host", { kind: "everyone" }, { sample });
  }

  function publishVms(): void {
    for (const [ownerId, samples] of sampler.take())
      bus.publish("metrics.vms", { kind: "owner", ownerId }, { samples });
  }

  function tick(second: number): void {
    try {
      publishHost();
      // Asked a second ahead, so that the answer is there when both frames leave in one tick.
      if (second % SECONDS_PER_VM_SAMPLE === 0) publishVms();
      else sampler.ask();
    } catch (error) {
      log.error({ err: error }, "A measurement failed");
    }
  }

  owned.use(createTicker(clock, tick));
  owned.use(
    bus.on("vm.state", ({ data }) => {
      if (data.kind === "removed") sampler.forget(data.vmId);
    }),
  );

  const commandDeps: MetricsCommandDeps = {
    hostHistory: () => hostRing.toArray(),
    inventory: () => inventory.current,
    vmHistory: (session, vmId) => {
      vms.find(session, vmId);
      return sampler.history(vmId);
    },
  };
  return {
    commands: [hostNow.bind(commandDeps), vmNow.bind(commandDeps)],
    topics: [
      defineTopic("metrics.host", () => ({ history: hostRing.toArray(), inventory: inventory.current })),
      defineTopic("metrics.vms", ({ ownerId }) => ({
        vms: sampler
          .known()
          .filter((vmId) => ownerId === null || vms.ownerOf(vmId) === ownerId)
          .map((vmId) => ({ vmId, history: sampler.history(vmId) })),
      })),
    ],
    newestVmSamples: () => sampler.newest(),
    dispose: () => owned.dispose(),
  };
}

/** Asks the hypervisor for facts, and takes no answer for an answer too. */
import type { VmId } from "#protocol";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { ObservedVm, VmDriver, VmRef } from "../../drivers/vm-driver.ts";
import type { MaybeFact } from "./vm-facts.ts";

/** A hypervisor that is silent for longer is treated as down: a start of the server must not hang on it. */
const ANSWER_MS = 20_000;

export interface HostFacts {
  /** Everything of this installation on the host; null when there is no answer. */
  all(): Promise<ReadonlyMap<VmId, ObservedVm> | null>;
  of(ref: VmRef): Promise<MaybeFact>;
}

export function createHostFacts({
  driver,
  clock,
  log,
}: {
  driver: VmDriver;
  clock: Clock;
  log: Log;
}): HostFacts {
  async function all() {
    const silence = Promise.withResolvers<null>();
    const timer = clock.after(ANSWER_MS, () => silence.resolve(null));
    try {
      const seen = await Promise.race([driver.inspect(), silence.promise]);
      return seen && new Map(seen.map((observed) => [observed.ref.vmId, observed]));
    } catch (error) {
      log.error({ err: error }, "The hypervisor could not be asked for its VMs");
      return null;
    } finally {
      void timer.dispose();
    }
  }

  return { all, of: async (ref) => factIn(await all(), ref.vmId) };
}

/** A VM the hypervisor does not list is absent; without a list nothing is known. */
export function factIn(facts: ReadonlyMap<VmId, ObservedVm> | null, vmId: VmId): MaybeFact {
  if (!facts) return null;
  return facts.get(vmId) ?? { state: "absent", ip: null };
}

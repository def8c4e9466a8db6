/** Decides which driver runs the VMs, and says why in one sentence. */

export type DriverSetting = "auto" | "vagrant" | "container" | "simulated";

export interface DriverFacts {
  readonly usable: boolean;
  /** In words for people: what was found, or what is missing and the next command. */
  readonly reason: string;
}

export type DriverChoice<V extends DriverFacts, C extends DriverFacts> =
  | { readonly ok: true; readonly driver: "vagrant"; readonly reason: string; readonly facts: V }
  | { readonly ok: true; readonly driver: "container"; readonly reason: string; readonly facts: C }
  | { readonly ok: true; readonly driver: "simulated"; readonly reason: string }
  /** The setting asks for what is not there: the start ends with this line. */
  | { readonly ok: false; readonly problem: string };

/**
 * A driver is only asked for when the setting leaves it open: probing takes a second.
 * `auto` never takes containers: they share the host's kernel, which is for an administrator to decide.
 */
export async function chooseDriver<V extends DriverFacts, C extends DriverFacts>(
  setting: DriverSetting,
  probe: { readonly vagrant: () => Promise<V>; readonly container: () => Promise<C> },
): Promise<DriverChoice<V, C>> {
  if (setting === "simulated")
    return { ok: true, driver: "simulated", reason: "TWARGA_DRIVER=simulated asks for simulated machines." };
  if (setting === "container") {
    const facts = await probe.container();
    if (facts.usable) return { ok: true, driver: "container", reason: facts.reason, facts };
    return refuse("containers work", facts);
  }
  const facts = await probe.vagrant();
  if (facts.usable) return { ok: true, driver: "vagrant", reason: facts.reason, facts };
  if (setting === "vagrant") return refuse("Vagrant works", facts);
  return { ok: true, driver: "simulated", reason: facts.reason };
}

function refuse(until: string, { reason }: DriverFacts): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem: `TWARGA_DRIVER must be auto or simulated until ${until} here. ${reason}` };
}

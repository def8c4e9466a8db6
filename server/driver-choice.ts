/** Decides which driver runs the VMs, and says why in one sentence. */

export type DriverSetting = "auto" | "vagrant" | "simulated";

export interface VagrantFacts {
  readonly usable: boolean;
  /** In words for people: what was found, or what is missing and the next command. */
  readonly reason: string;
}

export type DriverChoice<F extends VagrantFacts> =
  | { readonly ok: true; readonly driver: "vagrant"; readonly reason: string; readonly facts: F }
  | { readonly ok: true; readonly driver: "simulated"; readonly reason: string }
  /** The setting asks for what is not there: the start ends with this line. */
  | { readonly ok: false; readonly problem: string };

/** `vagrant` is only asked for when the setting leaves it open: probing takes a second. */
export async function chooseDriver<F extends VagrantFacts>(
  setting: DriverSetting,
  probeVagrant: () => Promise<F>,
): Promise<DriverChoice<F>> {
  if (setting === "simulated")
    return { ok: true, driver: "simulated", reason: "TWARGA_DRIVER=simulated asks for simulated machines." };
  const facts = await probeVagrant();
  if (facts.usable) return { ok: true, driver: "vagrant", reason: facts.reason, facts };
  if (setting === "vagrant")
    return {
      ok: false,
      problem: `TWARGA_DRIVER must be auto or simulated until Vagrant works here. ${facts.reason}`,
    };
  return { ok: true, driver: "simulated", reason: facts.reason };
}

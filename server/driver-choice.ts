/** Decides which driver runs the VMs, and says why in one sentence. */

export type DriverSetting = "auto" | "vagrant" | "simulated";

export interface VagrantFacts {
  readonly usable: boolean;
  /** One sentence: the versions that were found, or what is missing. */
  readonly reason: string;
}

export type DriverChoice =
  | { readonly ok: true; readonly driver: "vagrant" | "simulated"; readonly reason: string }
  /** The setting asks for what is not there: the start ends with this line. */
  | { readonly ok: false; readonly problem: string };

const SETUP_COMMAND = "npm run setup:vm";

const withoutStop = (sentence: string) => sentence.replace(/\.+$/, "");

/** `vagrant` is only asked for when the setting leaves it open: probing takes a second. */
export async function chooseDriver(
  setting: DriverSetting,
  probeVagrant: () => Promise<VagrantFacts>,
): Promise<DriverChoice> {
  if (setting === "simulated")
    return { ok: true, driver: "simulated", reason: "TWARGA_DRIVER=simulated asks for simulated machines." };
  const vagrant = await probeVagrant();
  const facts = withoutStop(vagrant.reason);
  if (vagrant.usable) return { ok: true, driver: "vagrant", reason: `${facts}.` };
  if (setting === "vagrant")
    return {
      ok: false,
      problem: `TWARGA_DRIVER must be auto or simulated on this machine, because Vagrant does not work: ${facts}. To set it up: ${SETUP_COMMAND}`,
    };
  return {
    ok: true,
    driver: "simulated",
    reason: `${facts}. For real machines: ${SETUP_COMMAND}`,
  };
}

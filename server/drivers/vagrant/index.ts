/** Front door of the Vagrant driver. */
export { createVagrantDriver, type VagrantDriverOptions } from "./vagrant-driver.ts";
export { probeVagrant, type VagrantProbe } from "./probe.ts";

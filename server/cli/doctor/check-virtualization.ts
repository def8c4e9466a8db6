/** What of real virtualisation is there; without it the machines are simulated. */
import type { HomePaths } from "../../core/config/home.ts";
import { type ContainerProbe, probeContainers } from "../../drivers/container/probe.ts";
import { probeVagrant, type VagrantProbe } from "../../drivers/vagrant/probe.ts";
import { type Check, note, ok, optional, problem } from "./check.ts";

export type DriverSetting = "auto" | "vagrant" | "container" | "simulated";

export async function checkVirtualization(
  setting: DriverSetting,
  home: HomePaths,
  containerSocket: string | null,
): Promise<Check[]> {
  const [probe, containers] = await Promise.all([
    probeVagrant({ vmsDir: home.vmsDir }),
    probeContainers(containerSocket),
  ]);
  const driver = setting === "container" ? checkContainers(containers) : checkDriver(setting, probe);
  return [driver, ...probe.facts.map((fact) => checkFact(fact))];
}

/** Pure: whether containers, which the settings ask for, can be made. */
export function checkContainers({ usable, label, reason }: ContainerProbe): Check {
  return usable ? ok("driver", label) : problem("driver", `TWARGA_DRIVER=container, but: ${reason}`, null);
}

/** Pure: which driver a start would take. */
export function checkDriver(setting: Exclude<DriverSetting, "container">, probe: VagrantProbe): Check {
  if (setting === "simulated") return note("driver", "simulated, as TWARGA_DRIVER asks for");
  if (probe.usable) return ok("driver", probe.label);
  if (setting === "vagrant") return problem("driver", `TWARGA_DRIVER=vagrant, but: ${probe.reason}`, null);
  return optional("driver", "simulated, until Vagrant and libvirt are set up", null);
}

export function checkFact({ name, state, found, command }: VagrantProbe["facts"][number]): Check {
  if (state === "ok") return ok(name, found);
  if (state === "slow") return note(name, `${found}: guests run by software emulation, slower`);
  return optional(name, found, command);
}

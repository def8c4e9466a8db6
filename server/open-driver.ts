/** Opens the driver that the settings and the machine allow. */
import type { Clock } from "./core/clock.ts";
import type { Config } from "./core/config.ts";
import type { Log } from "./core/log.ts";
import { chooseDriver } from "./driver-choice.ts";
import { createContainerDriver, probeContainers } from "./drivers/container/index.ts";
import { createSimulatedDriver } from "./drivers/simulated/index.ts";
import { createVagrantDriver, probeVagrant } from "./drivers/vagrant/index.ts";
import type { VmDriver } from "./drivers/vm-driver.ts";
import { StartRefusal } from "./start-refusal.ts";

/** Throws `StartRefusal`. */
export async function openDriver(config: Config, clock: Clock, log: Log): Promise<VmDriver> {
  const { vmsDir } = config.home;
  const socket = config.containerSocket;
  const choice = await chooseDriver(config.driver, {
    vagrant: () => probeVagrant({ vmsDir }),
    container: () => probeContainers(socket),
  });
  if (!choice.ok) throw new StartRefusal(choice.problem);
  const base = { vmsDir, clock, log, reason: choice.reason };
  switch (choice.driver) {
    case "simulated":
      return createSimulatedDriver(base);
    case "container":
      return openContainers({ ...base, socket, label: choice.facts.label });
    case "vagrant": {
      const { domainType, label } = choice.facts;
      return createVagrantDriver({ ...base, domainType, label });
    }
    default:
      return choice satisfies never;
  }
}

async function openContainers(options: Parameters<typeof createContainerDriver>[0]): Promise<VmDriver> {
  try {
    return await createContainerDriver(options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartRefusal(`TWARGA_DRIVER must be auto or simulated until containers work here. ${why}`, {
      cause: error,
    });
  }
}

/** The driver for real machines: Vagrant makes and removes them, libvirt tells about them, ssh opens their shells. */
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { VmDriver, VmRef } from "../vm-driver.ts";
import { createHost } from "./create-host.ts";
import { createMachine } from "./create-machine.ts";
import { sampleCounters } from "./counters.ts";
import { destroyMachine } from "./destroy-machine.ts";
import { DomainRefs } from "./domain-refs.ts";
import { type DomainType, locate } from "./host.ts";
import { builtBox, labBoxHint } from "./lab-box.ts";
import { Observer } from "./observer.ts";
import { restartMachine, startMachine, stopMachine } from "./power-machine.ts";
import { createOpenTerminals, openShell } from "./terminals.ts";

export const DEFAULT_LIBVIRT_URI = "qemu:///system";
export const DEFAULT_BOX_DIR = join(import.meta.dir, "../../../vms/lab-box/out");

export interface VagrantDriverOptions {
  /** `TWARGA_HOME/vms`: working folders, boxes and the id of this installation. */
  readonly vmsDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly domainType: DomainType;
  /** For people, as `probeVagrant` gives it. */
  readonly label: string;
  readonly reason: string;
  readonly uri?: string;
  readonly boxDir?: string;
}

/** Cheap: asks nobody and starts nothing; `watch` begins to listen to libvirt. */
export function createVagrantDriver(options: VagrantDriverOptions): VmDriver {
  const { uri = DEFAULT_LIBVIRT_URI, boxDir = DEFAULT_BOX_DIR } = options;
  const terminals = createOpenTerminals();
  const host = createHost({ ...options, uri, boxDir, closeTerminals: (domain) => terminals.close(domain) });
  const refs = new DomainRefs(host);
  const observer = new Observer(host, refs);
  // The address is known when an action ends, which is no event of libvirt.
  const thenLook = async <T>(ref: VmRef, action: () => Promise<T>): Promise<T> => {
    const { domain } = locate(host, ref);
    try {
      return await action();
    } finally {
      await observer.look(domain);
    }
  };
  return {
    info: { name: "vagrant", label: options.label, simulated: false, reason: options.reason },
    async images() {
      const available = (await builtBox(boxDir)) !== null;
      return [{ id: "lab", available, hint: available ? null : labBoxHint }];
    },
    async create(machine, run) {
      if (machine.image.id !== "lab")
        throw new AppError("invalid_input", "This driver has no such image", { field: "image" });
      return thenLook(machine, () => createMachine(host, machine, run));
    },
    start: (ref, run) => thenLook(ref, () => startMachine(host, ref, run)),
    stop: (ref, run) => thenLook(ref, () => stopMachine(host, ref, run)),
    restart: (ref, run) => thenLook(ref, () => restartMachine(host, ref, run)),
    destroy: (ref, run) => thenLook(ref, () => destroyMachine(host, ref, run)),
    inspect: () => observer.inspect(),
    watch: (listener) => observer.watch(listener),
    sample: () => sampleCounters(host, refs),
    openTerminal: (ref, size, onData) => openShell(host, terminals, ref, size, onData),
    async dispose() {
      await observer.dispose();
      terminals.closeAll();
    },
  };
}

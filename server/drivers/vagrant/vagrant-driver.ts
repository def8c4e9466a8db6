/** The driver for real machines: Vagrant makes and removes them, libvirt tells about them, ssh opens their shells. */
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { VmDriver, VmRef } from "../vm-driver.ts";
import { createHost } from "./create-host.ts";
import { cloneMachine } from "./clone-machine.ts";
import { createMachine } from "./create-machine.ts";
import { sampleCounters } from "./counters.ts";
import { destroyMachine } from "./destroy-machine.ts";
import { DomainRefs } from "./domain-refs.ts";
import { type DomainType, locate } from "./host.ts";
import { Observer } from "./observer.ts";
import { restartMachine, startMachine, stopMachine } from "./power-machine.ts";
import { resizeMachine } from "./resize-machine.ts";
import { setSshKeys } from "./set-ssh-keys.ts";
import { snapshotNames } from "./snapshot-list.ts";
import { createSnapshot, deleteSnapshot, restoreSnapshot } from "./snapshots.ts";
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
    abilities: { snapshots: true, snapshotWhileRunning: true, resize: true, clone: true },
    info: { name: "vagrant", label: options.label, simulated: false, reason: options.reason },
    images: (wanted) => host.boxes.images(wanted),
    addImage: (image, origin, run) => host.boxes.addImage(image, origin, run),
    removeImage: (image, run) => host.boxes.removeImage(image, run),
    create: (machine, run) => thenLook(machine, () => createMachine(host, machine, run)),
    async clone(source, snapshot, machine, run) {
      return thenLook(machine, () => cloneMachine(host, source, snapshot, machine, run));
    },
    resize: async (ref, size, run) => resizeMachine(host, ref, size, run),
    createSnapshot: async (ref, snapshot, run) => createSnapshot(host, ref, snapshot, run),
    restoreSnapshot: (ref, snapshot, run) =>
      thenLook(ref, async () => restoreSnapshot(host, ref, snapshot, run)),
    deleteSnapshot: async (ref, snapshot, run) => deleteSnapshot(host, ref, snapshot, run),
    listSnapshots: async (ref) => snapshotNames(host, locate(host, ref).domain),
    setSshKeys: (ref, keys) => setSshKeys(host, ref, keys),
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

/** The driver for containers as machines, on the Docker API of Podman or Docker. */
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { readInstance } from "../instance.ts";
import { createTurns } from "../turns.ts";
import type { DriverRun, VmDriver, VmRef } from "../vm-driver.ts";
import { createVmFolders } from "../vm-folder.ts";
import { needContainer, needInfo } from "./containers.ts";
import {
  cloneMachine,
  createSnapshot,
  deleteSnapshot,
  listSnapshots,
  resizeMachine,
  restoreSnapshot,
} from "./copies.ts";
import { Sampler } from "./counters.ts";
import type { EngineHost } from "./engine-host.ts";
import { openShell } from "./exec.ts";
import { addImage, describeImages, ensureBaseImage } from "./images.ts";
import { machineInfo } from "./machine-folder.ts";
import { makeMachine, wipe, writeSshKeys } from "./make-machine.ts";
import { containerName } from "./names.ts";
import { Observer } from "./observer.ts";
import { restartMachine, startMachine, stopMachine } from "./power.ts";
import { type Engine, openEngine } from "./service.ts";

export const DEFAULT_IMAGE_DIR = join(import.meta.dir, "../../../vms/container/out");
/** Starting a container costs a fraction of a second; more at once only wait for the disk. */
const BOOTS_AT_ONCE = 4;

export interface ContainerDriverOptions {
  /** `TWARGA_HOME/vms`: working folders, the engine's store and the id of this installation. */
  readonly vmsDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Of an engine that runs; null starts a Podman service of our own. */
  readonly socket: string | null;
  readonly label: string;
  readonly reason: string;
  readonly imageDir?: string;
}

/** Throws `driver_failed` when there is no engine and none can be started. */
export async function createContainerDriver(options: ContainerDriverOptions): Promise<VmDriver> {
  const { vmsDir, clock, log } = options;
  const instance = readInstance(vmsDir);
  const engine = await openEngine({ socket: options.socket, vmsDir, instance, clock });
  const host: EngineHost = {
    api: engine.api,
    vmsDir,
    instance,
    folders: createVmFolders(vmsDir, machineInfo),
    turns: createTurns(BOOTS_AT_ONCE),
    clock,
    log,
    imageDir: options.imageDir ?? DEFAULT_IMAGE_DIR,
  };
  return driverOf(host, engine, options);
}

function driverOf(host: EngineHost, engine: Engine, { label, reason }: ContainerDriverOptions): VmDriver {
  const observer = new Observer(host);
  const sampler = new Sampler(host);
  const inTurn = async <T>(ref: VmRef, run: DriverRun, work: () => Promise<T>): Promise<T> => {
    try {
      return await host.turns.ofMachine(containerName(host.instance, ref), run, work);
    } finally {
      // An address is known when an action ends, which is no event of the engine.
      await observer.look(ref);
    }
  };
  const inHostsTurn = <T>(ref: VmRef, run: DriverRun, work: () => Promise<T>) =>
    inTurn(ref, run, () => host.turns.ofHost(run, work));

  return {
    info: { name: "container", label, simulated: false, reason },
    abilities: { snapshots: true, snapshotWhileRunning: false, resize: true, clone: true },
    images: (wanted) => describeImages(host, wanted),
    addImage: (image, origin, run) => addImage(host, image, origin, run),
    async removeImage() {
      throw new AppError(
        "unsupported",
        "The lab image of containers is a part of this cloud and cannot be removed",
      );
    },
    create: (machine, run) =>
      inHostsTurn(machine, run, () =>
        makeMachine(host, machine, run, () => ensureBaseImage(host, machine.image, run)),
      ),
    start: (ref, run) => inHostsTurn(ref, run, () => startMachine(host, ref, run)),
    stop: (ref, run) => inTurn(ref, run, () => stopMachine(host, ref, run)),
    restart: (ref, run) => inTurn(ref, run, () => restartMachine(host, ref, run)),
    destroy: (ref, run) =>
      inTurn(ref, run, async () => {
        run.step("Removing the machine", 0.3);
        await wipe(host, ref, run);
        run.step("Removed", 1);
      }),
    resize: (ref, size, run) => inTurn(ref, run, () => resizeMachine(host, ref, size, run)),
    clone: (source, snapshot, machine, run) =>
      inHostsTurn(machine, run, () => cloneMachine(host, source, snapshot, machine, run)),
    createSnapshot: (ref, snapshot, run) => inTurn(ref, run, () => createSnapshot(host, ref, snapshot, run)),
    restoreSnapshot: (ref, snapshot, run) =>
      inTurn(ref, run, () => restoreSnapshot(host, ref, snapshot, run)),
    deleteSnapshot: (ref, snapshot, run) => inTurn(ref, run, () => deleteSnapshot(host, ref, snapshot, run)),
    listSnapshots: (ref) => listSnapshots(host, ref),
    async setSshKeys(ref, keys) {
      const info = { ...needInfo(host, ref), sshKeys: [...keys] };
      host.folders.save(info);
      if ((await needContainer(host, ref)).State.Running) await writeSshKeys(host, info);
    },
    inspect: () => observer.inspect(),
    watch: (listener) => observer.watch(listener),
    sample: () => sampler.sample(),
    async openTerminal(ref, size, onData) {
      const info = needInfo(host, ref);
      if (!(await needContainer(host, ref)).State.Running)
        throw new AppError("conflict", `${ref.name} is not running`);
      const request = {
        container: containerName(host.instance, ref),
        argv: ["sh", "-c", 'exec "$(command -v bash || command -v sh)" -l'],
        user: info.sshUser,
        env: ["TERM=xterm-256color", "LANG=C.UTF-8", `HOME=/home/${info.sshUser}`, `USER=${info.sshUser}`],
        workingDir: `/home/${info.sshUser}`,
      };
      return openShell(host.api, request, size, onData);
    },
    async dispose() {
      observer.dispose();
      await engine.stop();
    },
  };
}

/** The embedded default driver: machines that live by the clock, keep a small disk and answer in a shell, without a hypervisor. */
import { rm } from "node:fs/promises";
import type { VmSize } from "#protocol";
import type { Clock } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type {
  DriverRun,
  ImageOrigin,
  ImageRef,
  ObservedVm,
  VmDriver,
  VmMachine,
  VmRef,
} from "../vm-driver.ts";
import { type Pace, type Step, steps, walk } from "./life-cycle.ts";
import type { Machine } from "./machine.ts";
import { makeMachine } from "./make-machine.ts";
import { MachineTable } from "./machine-table.ts";
import { folderOf } from "../vm-folder.ts";
import { loadSnapshot, removeSnapshot, saveSnapshot, snapshotNames } from "./snapshot-files.ts";

export interface SimulatedDriverOptions {
  /** Holds one folder per machine. */
  readonly vmsDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Why this driver was chosen, one sentence. */
  readonly reason: string;
  /** 1 is the pace of a small real machine; tests go faster. */
  readonly speed?: number;
}

export function createSimulatedDriver(options: SimulatedDriverOptions): VmDriver {
  return new SimulatedDriver(options);
}

class SimulatedDriver implements VmDriver {
  readonly info;
  readonly abilities = { snapshots: true, snapshotWhileRunning: true, resize: true, clone: true };
  readonly #options: SimulatedDriverOptions;
  readonly #pace: Pace;
  readonly #table: MachineTable;

  constructor(options: SimulatedDriverOptions) {
    this.#options = options;
    this.#pace = { clock: options.clock, speed: options.speed ?? 1 };
    this.info = {
      name: "simulated" as const,
      label: "Simulated: no real machines",
      simulated: true,
      reason: options.reason,
    };
    this.#table = new MachineTable(options.vmsDir, this.#pace, options.log);
  }

  /** A simulated machine boots any image. */
  async images(wanted: readonly ImageRef[]) {
    return wanted.map(({ id }) => ({ id, available: true, sizeBytes: null, hint: null }));
  }

  async addImage(_image: ImageRef, origin: ImageOrigin, run: DriverRun) {
    await walk(steps.prepareImage, run, this.#pace);
    if (origin.kind === "file") await rm(origin.path, { force: true });
    run.step("The image is ready", 1);
  }

  async removeImage() {}

  create(machine: VmMachine, run: DriverRun) {
    return this.#table.inTurn(machine, () => this.#make(machine, run, steps.create, null));
  }

  async clone(source: VmRef, snapshot: string | null, machine: VmMachine, run: DriverRun) {
    const disk = await this.#table.inTurn(source, async () => {
      const from = this.#table.find(source);
      if (machine.diskGb < from.info.diskGb) throw shrinks();
      if (snapshot !== null) return loadSnapshot(this.#folderOf(source), snapshot).disk;
      refuseRunning(from);
      return from.storedDisk();
    });
    return this.#table.inTurn(machine, () => this.#make(machine, run, steps.clone, disk));
  }

  start(ref: VmRef, run: DriverRun) {
    return this.#table.inTurn(ref, async () => {
      const machine = this.#table.find(ref);
      if (machine.running) return { ip: machine.info.ip };
      await walk(steps.start, run, this.#pace);
      machine.boot();
      return this.#finish(machine, run, "running");
    });
  }

  stop(ref: VmRef, run: DriverRun) {
    return this.#table.inTurn(ref, async () => {
      const machine = this.#table.find(ref);
      if (!machine.running) return;
      await walk(steps.stop, run, this.#pace);
      await machine.halt();
      this.#finish(machine, run, "off");
    });
  }

  restart(ref: VmRef, run: DriverRun) {
    return this.#table.inTurn(ref, async () => {
      const machine = this.#table.find(ref);
      if (machine.running) {
        await walk(steps.stop, run, this.#pace, { from: 0, to: 0.4 });
        await machine.halt();
        this.#table.tell(machine.observed());
      }
      await walk(steps.start, run, this.#pace, { from: 0.4, to: 1 });
      machine.boot();
      return this.#finish(machine, run, "running");
    });
  }

  destroy(ref: VmRef, run: DriverRun) {
    return this.#table.inTurn(ref, async () => {
      if (!this.#table.has(ref)) return;
      const machine = this.#table.find(ref);
      await walk(steps.destroy, run, this.#pace);
      await machine.halt();
      this.#table.forget(ref);
      this.#table.tell({ ref: machine.ref, state: "absent", ip: null });
      run.step("Removed", 1);
    });
  }

  resize(ref: VmRef, size: VmSize, run: DriverRun) {
    return this.#table.inTurn(ref, async () => {
      const machine = this.#table.find(ref);
      refuseRunning(machine);
      if (size.diskGb < machine.info.diskGb) throw shrinks();
      await walk(steps.resize, run, this.#pace);
      machine.resize(size);
      run.step("Resized", 1);
    });
  }

  createSnapshot(ref: VmRef, snapshot: string, run: DriverRun) {
    return this.#table.inTurn(ref, async () => {
      const machine = this.#table.find(ref);
      await walk(steps.createSnapshot, run, this.#pace);
      const sizeBytes = saveSnapshot(this.#folderOf(ref), snapshot, await machine.snapshot());
      run.step("The snapshot is ready", 1);
      return { sizeBytes };
    });
  }

  restoreSnapshot(ref: VmRef, snapshot: string, run: DriverRun) {
    return this.#table.inTurn(ref, async () => {
      const machine = this.#table.find(ref);
      const { running, disk, ramMb, cpuCores } = loadSnapshot(this.#folderOf(ref), snapshot);
      await walk(steps.restoreSnapshot, run, this.#pace);
      await machine.halt();
      machine.replaceDisk(disk);
      // Memory fits only a machine of the same size.
      const isSameSize = ramMb === machine.info.ramMb && cpuCores === machine.info.cpuCores;
      const state = running && isSameSize ? ("running" as const) : ("stopped" as const);
      if (state === "running") machine.boot();
      const { ip } = this.#finish(machine, run, state === "running" ? "running" : "off");
      return { state, ip: state === "running" ? ip : null };
    });
  }

  deleteSnapshot(ref: VmRef, snapshot: string, run: DriverRun) {
    return this.#table.inTurn(ref, async () => {
      if (!this.#table.has(ref)) return;
      await walk(steps.deleteSnapshot, run, this.#pace);
      removeSnapshot(this.#folderOf(ref), snapshot);
      run.step("Deleted", 1);
    });
  }

  async listSnapshots(ref: VmRef) {
    return snapshotNames(this.#folderOf(ref));
  }

  setSshKeys(ref: VmRef, keys: readonly string[]) {
    return this.#table.inTurn(ref, async () => {
      const machine = this.#table.find(ref);
      if (!machine.running) throw new AppError("conflict", `${ref.name} is not running`);
      await machine.setSshKeys(keys);
    });
  }

  async inspect() {
    return this.#table
      .all()
      .filter((machine) => machine.made)
      .map((machine) => machine.observed());
  }

  watch(listener: (observed: ObservedVm) => void) {
    return this.#table.watch(listener);
  }

  async sample() {
    return this.#table
      .all()
      .filter((machine) => machine.running)
      .map((machine) => machine.counters());
  }

  async openTerminal(...[ref, size, onData]: Parameters<VmDriver["openTerminal"]>) {
    const machine = this.#table.find(ref);
    if (!machine.running) throw new AppError("conflict", `${ref.name} is not running`);
    return machine.openShell(size, onData);
  }

  async dispose() {
    await this.#table.dispose();
  }

  async #make(machine: VmMachine, run: DriverRun, path: readonly Step[], disk: string | null) {
    const deps = { table: this.#table, vmsDir: this.#options.vmsDir, pace: this.#pace };
    const created = await makeMachine(deps, machine, run, path, disk);
    this.#finish(this.#table.find(machine), run, "running");
    return created;
  }

  #folderOf(ref: VmRef): string {
    return folderOf(this.#options.vmsDir, ref);
  }

  #finish(machine: Machine, run: DriverRun, word: string): { ip: string } {
    run.step(`The machine is ${word}`, 1);
    run.output("info", `==> simulated: ${machine.info.name} is ${word}`);
    this.#table.tell(machine.observed());
    return { ip: machine.info.ip };
  }
}

function refuseRunning(machine: Machine): void {
  if (machine.running) throw new AppError("conflict", "The VM has to be stopped first");
}

const shrinks = () => new AppError("invalid_input", "A disk cannot become smaller", { field: "diskGb" });

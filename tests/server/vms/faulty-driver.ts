/** The simulated driver with faults on demand: what it does stays real, only chosen calls go wrong. */
import type { VmSize } from "#protocol";
import type {
  DriverAbilities,
  DriverImage,
  DriverRun,
  ImageOrigin,
  ImageRef,
  ObservedVm,
  TerminalSize,
  VmCounters,
  VmDriver,
  VmMachine,
  VmRef,
} from "../../../server/drivers/vm-driver.ts";

type Fault = () => Promise<unknown>;
export type Faulty =
  | "create"
  | "start"
  | "stop"
  | "restart"
  | "destroy"
  | "resize"
  | "clone"
  | "createSnapshot"
  | "restoreSnapshot"
  | "deleteSnapshot"
  | "listSnapshots"
  | "setSshKeys"
  | "inspect"
  | "sample";

export class FaultyDriver implements VmDriver {
  /** Thrown instead of doing the work. */
  readonly before = new Map<Faulty, Fault>();
  /** Thrown after the work was done. */
  readonly after = new Map<Faulty, Fault>();
  readonly calls: Faulty[] = [];
  /** What the machines were last told. */
  readonly machines = new Map<string, VmMachine>();
  readonly keys = new Map<string, readonly string[]>();
  readonly #listeners = new Set<(observed: ObservedVm) => void>();
  images: (wanted: readonly ImageRef[]) => Promise<readonly DriverImage[]>;
  abilities: DriverAbilities;

  constructor(
    private readonly real: VmDriver,
    readonly info = real.info,
  ) {
    this.images = (wanted) => real.images(wanted);
    this.abilities = real.abilities;
  }

  addImage(image: ImageRef, origin: ImageOrigin, run: DriverRun) {
    return this.real.addImage(image, origin, run);
  }
  removeImage(image: ImageRef, run: DriverRun) {
    return this.real.removeImage(image, run);
  }

  create = (machine: VmMachine, run: DriverRun) => {
    this.machines.set(machine.name, machine);
    this.keys.set(machine.name, machine.sshKeys);
    return this.#call("create", () => this.real.create(machine, run));
  };
  clone = (source: VmRef, snapshot: string | null, machine: VmMachine, run: DriverRun) => {
    this.machines.set(machine.name, machine);
    this.keys.set(machine.name, machine.sshKeys);
    return this.#call("clone", () => this.real.clone(source, snapshot, machine, run));
  };
  start = (ref: VmRef, run: DriverRun) => this.#call("start", () => this.real.start(ref, run));
  stop = (ref: VmRef, run: DriverRun) => this.#call("stop", () => this.real.stop(ref, run));
  restart = (ref: VmRef, run: DriverRun) => this.#call("restart", () => this.real.restart(ref, run));
  destroy = (ref: VmRef, run: DriverRun) => this.#call("destroy", () => this.real.destroy(ref, run));
  resize = (ref: VmRef, size: VmSize, run: DriverRun) =>
    this.#call("resize", () => this.real.resize(ref, size, run));
  createSnapshot = (ref: VmRef, name: string, run: DriverRun) =>
    this.#call("createSnapshot", () => this.real.createSnapshot(ref, name, run));
  restoreSnapshot = (ref: VmRef, name: string, run: DriverRun) =>
    this.#call("restoreSnapshot", () => this.real.restoreSnapshot(ref, name, run));
  deleteSnapshot = (ref: VmRef, name: string, run: DriverRun) =>
    this.#call("deleteSnapshot", () => this.real.deleteSnapshot(ref, name, run));
  listSnapshots = (ref: VmRef) => this.#call("listSnapshots", () => this.real.listSnapshots(ref));
  setSshKeys = (ref: VmRef, keys: readonly string[]) => {
    this.keys.set(ref.name, keys);
    return this.#call("setSshKeys", () => this.real.setSshKeys(ref, keys));
  };
  inspect = (): Promise<readonly ObservedVm[]> => this.#call("inspect", () => this.real.inspect());
  sample = (): Promise<readonly VmCounters[]> => this.#call("sample", () => this.real.sample());

  watch(listener: (observed: ObservedVm) => void) {
    const watching = this.real.watch(listener);
    this.#listeners.add(listener);
    return {
      dispose: async () => {
        this.#listeners.delete(listener);
        await watching.dispose();
      },
    };
  }

  /** A fact as if somebody had changed the machine behind our back. */
  tell(observed: ObservedVm): void {
    for (const listener of this.#listeners) listener(observed);
  }

  openTerminal(ref: VmRef, size: TerminalSize, onData: (bytes: Uint8Array) => void) {
    return this.real.openTerminal(ref, size, onData);
  }

  dispose() {
    return this.real.dispose();
  }

  async #call<T>(name: Faulty, work: () => Promise<T>): Promise<T> {
    this.calls.push(name);
    await this.before.get(name)?.();
    const result = await work();
    await this.after.get(name)?.();
    return result;
  }
}

export function failing(error: Error): Fault {
  return async () => {
    throw error;
  };
}

export const hanging: Fault = () => new Promise(() => {});

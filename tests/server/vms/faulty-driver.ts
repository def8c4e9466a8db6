/** The simulated driver with faults on demand: what it does stays real, only chosen calls go wrong. */
import type {
  DriverImage,
  DriverRun,
  ObservedVm,
  TerminalSize,
  VmCounters,
  VmDriver,
  VmMachine,
  VmRef,
} from "../../../server/drivers/vm-driver.ts";

type Fault = () => Promise<unknown>;
type Faulty = "create" | "start" | "stop" | "restart" | "destroy" | "inspect" | "sample";

export class FaultyDriver implements VmDriver {
  /** Thrown instead of doing the work. */
  readonly before = new Map<Faulty, Fault>();
  /** Thrown after the work was done. */
  readonly after = new Map<Faulty, Fault>();
  readonly calls: Faulty[] = [];
  readonly #listeners = new Set<(observed: ObservedVm) => void>();
  images: () => Promise<readonly DriverImage[]>;

  constructor(
    private readonly real: VmDriver,
    readonly info = real.info,
  ) {
    this.images = () => real.images();
  }

  create = (machine: VmMachine, run: DriverRun) => this.#call("create", () => this.real.create(machine, run));
  start = (ref: VmRef, run: DriverRun) => this.#call("start", () => this.real.start(ref, run));
  stop = (ref: VmRef, run: DriverRun) => this.#call("stop", () => this.real.stop(ref, run));
  restart = (ref: VmRef, run: DriverRun) => this.#call("restart", () => this.real.restart(ref, run));
  destroy = (ref: VmRef, run: DriverRun) => this.#call("destroy", () => this.real.destroy(ref, run));
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

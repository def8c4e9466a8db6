/** The embedded default driver: machines that live by the clock, keep a small disk and answer in a shell, without a hypervisor. */
import type { Clock } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { DriverRun, ObservedVm, VmDriver, VmMachine, VmRef } from "../vm-driver.ts";
import { pass, type Pace, steps, walk } from "./life-cycle.ts";
import { Machine } from "./machine.ts";
import { folderExists, loadMachines, removeMachine, saveMachine } from "./machine-folder.ts";

export interface SimulatedDriverOptions {
  /** Holds one folder per machine. */
  readonly vmsDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Why this driver was chosen, one sentence. */
  readonly reason: string;
  /** 1 is the pace of a small real machine; tests go faster. */
  readonly speed?: number;
  /** Images of the catalogue; a simulated machine boots any of them. */
  readonly imageIds?: readonly string[];
}

const DEFAULT_IMAGES = ["lab", "debian-12", "ubuntu-24.04", "alpine-3.20"];
/** Reserved for benchmarks (RFC 2544), so a simulated address never belongs to a real host. */
const ADDRESS_PREFIX = "198.18";

export function createSimulatedDriver(options: SimulatedDriverOptions): VmDriver {
  return new SimulatedDriver(options);
}

class SimulatedDriver implements VmDriver {
  readonly info;
  readonly #options: SimulatedDriverOptions;
  readonly #pace: Pace;
  readonly #machines = new Map<string, Machine>();
  readonly #listeners = new Set<(observed: ObservedVm) => void>();
  /** Actions on one machine run one after the other. */
  readonly #tails = new Map<string, Promise<unknown>>();

  constructor(options: SimulatedDriverOptions) {
    this.#options = options;
    this.#pace = { clock: options.clock, speed: options.speed ?? 1 };
    this.info = {
      name: "simulated" as const,
      label: "Simulated: no real machines",
      simulated: true,
      reason: options.reason,
    };
    for (const info of loadMachines(options.vmsDir)) {
      // A create that a crash cut short leaves nothing behind, like one that failed.
      if (info.state === "creating") removeMachine(options.vmsDir, info);
      else this.#machines.set(keyOf(info), this.#machineOf(info));
    }
  }

  async images() {
    const ids = this.#options.imageIds ?? DEFAULT_IMAGES;
    return ids.map((id) => ({ id, available: true, hint: null }));
  }

  create(machine: VmMachine, run: DriverRun) {
    return this.#inTurn(machine, async () => {
      if (this.#machines.has(keyOf(machine)) || folderExists(this.#options.vmsDir, machine))
        throw new AppError("conflict", `A machine named ${machine.name} is already there`);
      const made = this.#machineOf({
        ...machine,
        image: machine.image.id,
        driver: "simulated",
        ip: this.#freeAddress(),
        state: "creating",
        bootedAtMs: 0,
      });
      this.#machines.set(keyOf(machine), made);
      try {
        await pass(0, run.signal, this.#pace);
        saveMachine(this.#options.vmsDir, made.info);
        await walk(steps.create, run, this.#pace);
        made.boot();
        return this.#finish(made, run, "running");
      } catch (error) {
        this.#forget(machine);
        throw error;
      }
    });
  }

  start(ref: VmRef, run: DriverRun) {
    return this.#inTurn(ref, async () => {
      const machine = this.#find(ref);
      if (machine.running) return { ip: machine.info.ip };
      await walk(steps.start, run, this.#pace);
      machine.boot();
      return this.#finish(machine, run, "running");
    });
  }

  stop(ref: VmRef, run: DriverRun) {
    return this.#inTurn(ref, async () => {
      const machine = this.#find(ref);
      if (!machine.running) return;
      await walk(steps.stop, run, this.#pace);
      await machine.halt();
      this.#finish(machine, run, "off");
    });
  }

  restart(ref: VmRef, run: DriverRun) {
    return this.#inTurn(ref, async () => {
      const machine = this.#find(ref);
      if (machine.running) {
        await walk(steps.stop, run, this.#pace, { from: 0, to: 0.4 });
        await machine.halt();
        this.#tell(machine);
      }
      await walk(steps.start, run, this.#pace, { from: 0.4, to: 1 });
      machine.boot();
      return this.#finish(machine, run, "running");
    });
  }

  destroy(ref: VmRef, run: DriverRun) {
    return this.#inTurn(ref, async () => {
      const machine = this.#machines.get(keyOf(ref));
      if (!machine) return;
      await walk(steps.destroy, run, this.#pace);
      await machine.halt();
      this.#forget(ref);
      for (const listener of this.#listeners) listener({ ref: machine.ref, state: "absent", ip: null });
      run.step("Removed", 1);
    });
  }

  async inspect() {
    return [...this.#machines.values()]
      .filter((machine) => machine.made)
      .map((machine) => machine.observed());
  }

  watch(listener: (observed: ObservedVm) => void) {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  async sample() {
    return [...this.#machines.values()]
      .filter((machine) => machine.running)
      .map((machine) => machine.counters());
  }

  async openTerminal(...[ref, size, onData]: Parameters<VmDriver["openTerminal"]>) {
    const machine = this.#find(ref);
    if (!machine.running) throw new AppError("conflict", `${ref.name} is not running`);
    return machine.openShell(size, onData);
  }

  async dispose() {
    this.#listeners.clear();
    await Promise.all([...this.#machines.values()].map((machine) => machine.release()));
  }

  #machineOf(info: Machine["info"]): Machine {
    const { vmsDir, log } = this.#options;
    return new Machine(info, { vmsDir, log, pace: this.#pace, changed: (machine) => this.#tell(machine) });
  }

  #find(ref: VmRef): Machine {
    const machine = this.#machines.get(keyOf(ref));
    if (!machine?.made) throw new AppError("not_found", `There is no machine named ${ref.name} on this host`);
    return machine;
  }

  #finish(machine: Machine, run: DriverRun, word: string): { ip: string } {
    run.step(`The machine is ${word}`, 1);
    run.output("info", `==> simulated: ${machine.info.name} is ${word}`);
    this.#tell(machine);
    return { ip: machine.info.ip };
  }

  #tell(machine: Machine): void {
    for (const listener of this.#listeners) listener(machine.observed());
  }

  #forget(ref: VmRef): void {
    this.#machines.delete(keyOf(ref));
    removeMachine(this.#options.vmsDir, ref);
  }

  #freeAddress(): string {
    const taken = new Set([...this.#machines.values()].map((machine) => machine.info.ip));
    for (let n = 10; n < 65_000; n++) {
      const address = `${ADDRESS_PREFIX}.${n >> 8}.${n & 0xff}`;
      if (!taken.has(address)) return address;
    }
    throw new AppError("unavailable", "No address is left for another machine");
  }

  #inTurn<T>(ref: VmRef, action: () => Promise<T>): Promise<T> {
    const key = keyOf(ref);
    const turn = (this.#tails.get(key) ?? Promise.resolve()).then(action, action);
    const tail = turn.catch(() => {});
    this.#tails.set(key, tail);
    void tail.then(() => this.#tails.get(key) === tail && this.#tails.delete(key));
    return turn;
  }
}

function keyOf(ref: Pick<VmRef, "ownerId" | "name">): string {
  return `${ref.ownerId}/${ref.name}`;
}

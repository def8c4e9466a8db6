/** The simulated machines of one installation: found by owner and name, worked on one action at a time, told about. */
import type { Disposable } from "../../core/disposable.ts";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { ObservedVm, VmRef } from "../vm-driver.ts";
import type { Pace } from "./life-cycle.ts";
import { Machine } from "./machine.ts";
import { type MachineInfo, simulatedFolders } from "./machine-folder.ts";

/** Reserved for benchmarks (RFC 2544), so a simulated address never belongs to a real host. */
const ADDRESS_PREFIX = "198.18";

export class MachineTable {
  readonly #machines = new Map<string, Machine>();
  readonly #listeners = new Set<(observed: ObservedVm) => void>();
  /** Actions on one machine run one after the other. */
  readonly #tails = new Map<string, Promise<unknown>>();

  constructor(
    private readonly vmsDir: string,
    private readonly pace: Pace,
    private readonly log: Log,
  ) {
    for (const info of simulatedFolders(vmsDir).loadAll()) {
      // A create that a crash cut short leaves nothing behind, like one that failed.
      if (info.state === "creating") simulatedFolders(vmsDir).remove(info);
      else this.#machines.set(keyOf(info), this.#machineOf(info));
    }
  }

  all(): readonly Machine[] {
    return [...this.#machines.values()];
  }

  has(ref: VmRef): boolean {
    return this.#machines.has(keyOf(ref));
  }

  find(ref: VmRef): Machine {
    const machine = this.#machines.get(keyOf(ref));
    if (!machine?.made) throw new AppError("not_found", `There is no machine named ${ref.name} on this host`);
    return machine;
  }

  /** A new machine; throws `conflict` when its name is taken. */
  add(info: Omit<MachineInfo, "ip">): Machine {
    if (this.has(info) || simulatedFolders(this.vmsDir).exists(info))
      throw new AppError("conflict", `A machine named ${info.name} is already there`);
    const machine = this.#machineOf({ ...info, ip: this.#freeAddress() });
    this.#machines.set(keyOf(info), machine);
    return machine;
  }

  forget(ref: VmRef): void {
    this.#machines.delete(keyOf(ref));
    simulatedFolders(this.vmsDir).remove(ref);
  }

  watch(listener: (observed: ObservedVm) => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  tell(observed: ObservedVm): void {
    for (const listener of this.#listeners) listener(observed);
  }

  inTurn<T>(ref: VmRef, action: () => Promise<T>): Promise<T> {
    const key = keyOf(ref);
    const turn = (this.#tails.get(key) ?? Promise.resolve()).then(action, action);
    const tail = turn.catch(() => {});
    this.#tails.set(key, tail);
    void tail.then(() => this.#tails.get(key) === tail && this.#tails.delete(key));
    return turn;
  }

  async dispose(): Promise<void> {
    this.#listeners.clear();
    await Promise.all(this.all().map((machine) => machine.release()));
  }

  #machineOf(info: MachineInfo): Machine {
    const { vmsDir, log, pace } = this;
    return new Machine(info, { vmsDir, log, pace, changed: (machine) => this.tell(machine.observed()) });
  }

  #freeAddress(): string {
    const taken = new Set(this.all().map((machine) => machine.info.ip));
    for (let n = 10; n < 65_000; n++) {
      const address = `${ADDRESS_PREFIX}.${n >> 8}.${n & 0xff}`;
      if (!taken.has(address)) return address;
    }
    throw new AppError("unavailable", "No address is left for another machine");
  }
}

function keyOf(ref: Pick<VmRef, "ownerId" | "name">): string {
  return `${ref.ownerId}/${ref.name}`;
}

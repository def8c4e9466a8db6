/** One simulated machine: its state on disk, its counters and its open shells. */
import type { Log } from "../../core/log.ts";
import type { StartupOutput } from "../startup-script.ts";
import type { ObservedVm, TerminalSize, TerminalStream, VmCounters, VmRef } from "../vm-driver.ts";
import type { VmSize } from "#protocol";
import { countersAt, cpuShareAt } from "./counters.ts";
import type { Guest } from "./guest.ts";
import { type Pace, steps } from "./life-cycle.ts";
import { loadDisk, type MachineInfo, removeDisk, saveDisk, simulatedFolders } from "./machine-folder.ts";
import { folderOf } from "../vm-folder.ts";
import type { MachineSnapshot } from "./snapshot-files.ts";
import type { GuestDisk } from "./shell/guest-disk.ts";

/** Where a login shell's process ids begin on a small Linux. */
const FIRST_SHELL_PID = 800;

interface MachineDeps {
  readonly vmsDir: string;
  readonly log: Log;
  readonly pace: Pace;
  /** The machine changed its state by itself: `poweroff` or `reboot` typed in a shell. */
  changed(machine: Machine): void;
}

export class Machine implements Guest {
  #info: MachineInfo;
  readonly #deps: MachineDeps;
  readonly #shells = new Map<number, TerminalStream>();
  #disk: GuestDisk | null = null;
  #nextPid = FIRST_SHELL_PID;
  #reboot: { dispose(): void | Promise<void> } | null = null;

  constructor(info: MachineInfo, deps: MachineDeps) {
    this.#info = info;
    this.#deps = deps;
  }

  get info(): MachineInfo {
    return this.#info;
  }
  get ref(): VmRef {
    const { vmId, ownerId, name } = this.#info;
    return { vmId, ownerId, name };
  }
  get running(): boolean {
    return this.#info.state === "running";
  }
  get made(): boolean {
    return this.#info.state !== "creating";
  }

  observed(): ObservedVm {
    const state = this.running ? "running" : "stopped";
    return { ref: this.ref, state, ip: this.running ? this.#info.ip : null };
  }

  boot(): void {
    this.#cancelReboot();
    this.#nextPid = FIRST_SHELL_PID;
    this.#save({ state: "running", bootedAtMs: this.#deps.pace.clock.now() });
  }

  /** Off, with every shell ended and the disk on the host's disk. */
  async halt(): Promise<void> {
    this.#cancelReboot();
    this.#save({ state: "stopped" });
    await this.endShells();
  }

  async endShells(): Promise<void> {
    const shells = [...this.#shells.values()];
    for (const shell of shells) shell.close();
    await Promise.all(shells.map((shell) => shell.exited));
    await this.#disk?.save();
  }

  /** Seen by the guest when it boots. */
  resize({ ramMb, cpuCores, diskGb }: VmSize): void {
    this.#save({ ramMb, cpuCores, diskGb });
    this.#disk = null;
  }

  async snapshot(): Promise<MachineSnapshot> {
    await this.#disk?.save();
    const { ramMb, cpuCores } = this.#info;
    return { running: this.running, ramMb, cpuCores, disk: this.storedDisk() };
  }

  /** The disk as it lies on the host's disk; null when nobody has made anything on it. */
  storedDisk(): string | null {
    return loadDisk(this.#folder);
  }

  /** Puts another disk in; the machine must be off. */
  replaceDisk(content: string | null): void {
    this.#disk = null;
    if (content === null) removeDisk(this.#folder);
    else saveDisk(this.#folder, content);
  }

  async setSshKeys(keys: readonly string[]): Promise<void> {
    const disk = await this.#openDisk();
    await disk.writeAuthorizedKeys(keys);
  }

  /** Runs a script as root; gives its exit code. */
  async runScript(script: string, output: StartupOutput, signal: AbortSignal): Promise<number> {
    const { runStartupScript } = await import("./shell/index.ts");
    return runStartupScript({ guest: this, disk: await this.#openDisk(), script, output, signal });
  }

  async openShell(size: TerminalSize, onData: (bytes: Uint8Array) => void): Promise<TerminalStream> {
    // Loaded with the first shell, not with the server: the interpreter is the largest module we have.
    const { SimulatedShell } = await import("./shell/index.ts");
    const disk = await this.#openDisk();
    const pid = this.#nextPid++;
    const { log, pace } = this.#deps;
    const shell = new SimulatedShell({ guest: this, disk, pace, log, pid, size, onData });
    this.#shells.set(pid, shell);
    void shell.exited.then(() => this.#shells.delete(pid));
    return shell;
  }

  now(): number {
    return this.#deps.pace.clock.now();
  }
  counters(): VmCounters {
    return countersAt(this.#info, this.now());
  }
  cpuShare(): number {
    return cpuShareAt(this.#info, this.now());
  }
  shellPids(): readonly number[] {
    return [...this.#shells.keys()];
  }

  power(action: "off" | "reboot"): void {
    this.#power(action).catch((error: unknown) => {
      this.#deps.log.error({ err: error, vm: this.#info.name }, "simulated machine could not halt");
    });
  }

  async #power(action: "off" | "reboot"): Promise<void> {
    const { pace, changed } = this.#deps;
    await this.halt();
    changed(this);
    if (action === "off") return;
    const takesMs = steps.start.reduce((sum, step) => sum + step.takesMs, 0);
    this.#reboot = pace.clock.after(takesMs / pace.speed, () => {
      this.boot();
      changed(this);
    });
  }

  /** The server stops; the machine stays as it is on disk. */
  async release(): Promise<void> {
    this.#cancelReboot();
    await this.endShells();
  }

  get #folder(): string {
    return folderOf(this.#deps.vmsDir, this.#info);
  }

  async #openDisk(): Promise<GuestDisk> {
    const { GuestDisk } = await import("./shell/index.ts");
    this.#disk ??= await GuestDisk.load(this.#folder, this);
    return this.#disk;
  }

  #save(change: Partial<MachineInfo>): void {
    this.#info = { ...this.#info, ...change };
    simulatedFolders(this.#deps.vmsDir).save(this.#info);
  }

  #cancelReboot(): void {
    void this.#reboot?.dispose();
    this.#reboot = null;
  }
}

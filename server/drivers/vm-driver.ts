/** The one interface between the cloud and a hypervisor. Every driver passes tests/drivers/contract.ts. */
import type { UserId, VmId } from "#protocol";
import type { Disposable } from "../core/disposable.ts";

/** Names one VM for a driver. Holds all that a folder or domain name is made of, so it works without the database. */
export interface VmRef {
  readonly vmId: VmId;
  readonly ownerId: UserId;
  readonly name: string;
}

export interface VmMachine extends VmRef {
  readonly image: string;
  readonly ramMb: number;
  readonly cpuCores: number;
  readonly diskGb: number;
}

/** How a driver reports on a long action, and how it is stopped. */
export interface DriverRun {
  /** Aborted on cancel and on the deadline: the driver kills its whole process group and rejects. */
  readonly signal: AbortSignal;
  /** A line for people, as the tool printed it. */
  output(stream: "info" | "error", text: string): void;
  /** What happens now, in a few words, and the share of the work done, 0 to 1. */
  step(text: string, progress: number): void;
}

/** Facts as the hypervisor tells them. `absent` means no trace of it is left there. */
export type ObservedState = "running" | "stopped" | "paused" | "crashed" | "absent";

export interface ObservedVm {
  readonly ref: VmRef;
  readonly state: ObservedState;
  readonly ip: string | null;
}

/** Raw counters of one running VM; the metrics feature turns them into rates. */
export interface VmCounters {
  readonly ref: VmRef;
  readonly atMs: number;
  /** CPU time of all cores since boot, nanoseconds. */
  readonly cpuTimeNs: number;
  readonly cpuCores: number;
  readonly memoryTotalBytes: number;
  readonly memoryUsedBytes: number;
  readonly diskTotalBytes: number;
  readonly diskUsedBytes: number;
  readonly diskReadBytes: number;
  readonly diskWriteBytes: number;
  readonly networkRxBytes: number;
  readonly networkTxBytes: number;
  readonly uptimeSeconds: number;
}

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** A shell inside a VM as a flow-controlled byte stream. */
export interface TerminalStream {
  write(bytes: Uint8Array): void;
  resize(size: TerminalSize): void;
  /** Stops and resumes the source itself, so that nothing piles up. */
  pause(): void;
  resume(): void;
  /** Ends the shell and everything it started on this host. Safe to call twice. */
  close(): void;
  /** Resolves once, after the last byte was delivered. */
  readonly exited: Promise<{ readonly exitCode: number | null }>;
}

export interface DriverInfo {
  readonly name: "vagrant" | "simulated";
  /** For people, e.g. "Vagrant 2.3.4, libvirt, software emulation". */
  readonly label: string;
  readonly simulated: boolean;
  /** Why this driver was chosen, one sentence. */
  readonly reason: string;
}

export interface DriverImage {
  readonly id: string;
  readonly available: boolean;
  readonly hint: string | null;
}

export interface VmDriver extends Disposable {
  readonly info: DriverInfo;
  /** Which images of the catalogue it can boot, and what is missing for the others. */
  images(): Promise<readonly DriverImage[]>;

  /** Makes the VM and boots it; resolves when its shell can be reached. A failure or an abort leaves nothing behind. */
  create(machine: VmMachine, run: DriverRun): Promise<{ readonly ip: string | null }>;
  /** Boots a stopped VM; resolves when its shell can be reached. */
  start(ref: VmRef, run: DriverRun): Promise<{ readonly ip: string | null }>;
  /** Graceful, then forced. Resolves when it is off; already off is fine. */
  stop(ref: VmRef, run: DriverRun): Promise<void>;
  restart(ref: VmRef, run: DriverRun): Promise<{ readonly ip: string | null }>;
  /** Removes machine, disk and folder. Resolves when nothing is left; nothing there is fine. Also cleans up after a crash. */
  destroy(ref: VmRef, run: DriverRun): Promise<void>;

  /** Every VM of this installation on the host, also those the database does not know. */
  inspect(): Promise<readonly ObservedVm[]>;
  /** Facts as they change, also behind our back. */
  watch(listener: (observed: ObservedVm) => void): Disposable;
  /** Counters of all running VMs in one call. */
  sample(): Promise<readonly VmCounters[]>;
  /** Starts a shell. Throws `AppError("conflict")` when the VM cannot be reached. */
  openTerminal(ref: VmRef, size: TerminalSize, onData: (bytes: Uint8Array) => void): Promise<TerminalStream>;
}

/** The one interface between the cloud and a hypervisor. Every driver passes tests/drivers/contract.ts. */
import type { DriverName, UserId, VmId, VmSize } from "#protocol";
import type { Disposable } from "../core/disposable.ts";

/** Names one VM for a driver. Holds all that a folder or domain name is made of, so it works without the database. */
export interface VmRef {
  readonly vmId: VmId;
  readonly ownerId: UserId;
  readonly name: string;
}

export interface VmMachine extends VmRef, VmSize {
  readonly image: ImageRef;
  /** Public keys in OpenSSH form that may log in beside the driver's own. */
  readonly sshKeys: readonly string[];
  /** Run once as root when the shell can first be reached; null for none. */
  readonly startupScript: string | null;
}

/** An image of the catalogue as far as a driver knows it. */
export interface ImageRef {
  readonly id: string;
  /** Name of the Vagrant box, or of the container image. */
  readonly box: string;
  readonly sshUser: string;
}

/** Where a driver gets a box from. */
export type ImageOrigin =
  /** Built here from Debian packages; the recipe has the image's id. */
  | { readonly kind: "build" }
  /** From a public registry, which needs the internet. */
  | { readonly kind: "registry" }
  /** A checked local `.box` file, which the driver may move. */
  | { readonly kind: "file"; readonly path: string };

export interface StartupResult {
  readonly exitCode: number | null;
  /** Both streams, in order; at most 64 KiB, the end of it. */
  readonly output: string;
}

export interface CreatedVm {
  readonly ip: string | null;
  /** Null without a script. A script that fails is no failure of the create. */
  readonly startup: StartupResult | null;
}

/** How a driver reports on a long action, and how it is stopped. */
export interface DriverRun {
  /** Aborted on cancel and on the deadline: the driver kills its whole process group and rejects. */
  readonly signal: AbortSignal;
  /** A line for people, as the tool printed it. */
  output(stream: "info" | "error", text: string): void;
  /** What happens now, in a few words, and the share of the work done, 0 to 1. */
  step(text: string, progress: number): void;
  /** A program begins; call the answer with its exit code, null when it was killed. Secrets never go in an argument. */
  program(argv: readonly string[]): (exitCode: number | null) => void;
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
  readonly name: DriverName;
  /** For people, e.g. "Vagrant 2.3.4, libvirt, software emulation". */
  readonly label: string;
  readonly simulated: boolean;
  /** Why this driver was chosen, one sentence. */
  readonly reason: string;
}

export interface DriverImage {
  readonly id: string;
  readonly available: boolean;
  readonly sizeBytes: number | null;
  /** What to do when it is not available. */
  readonly hint: string | null;
}

/** What a driver cannot do is refused as `unsupported` before anything is written. */
export interface DriverAbilities {
  readonly snapshots: boolean;
  /** Snapshots of a running VM keep its memory too. */
  readonly snapshotWhileRunning: boolean;
  readonly resize: boolean;
  readonly clone: boolean;
}

export interface VmDriver extends Disposable {
  readonly info: DriverInfo;
  readonly abilities: DriverAbilities;

  /** Which of these it can boot, and what is missing for the others. */
  images(wanted: readonly ImageRef[]): Promise<readonly DriverImage[]>;
  /** Makes an image present. Throws `unsupported` for an origin it has no way for. A failure leaves nothing behind. */
  addImage(image: ImageRef, origin: ImageOrigin, run: DriverRun): Promise<void>;
  /** Removes its box; not present is fine. Nobody's VM is touched. */
  removeImage(image: ImageRef, run: DriverRun): Promise<void>;

  /** Makes the VM and boots it; resolves when its shell can be reached. A failure or an abort leaves nothing behind. */
  create(machine: VmMachine, run: DriverRun): Promise<CreatedVm>;
  /** Boots a stopped VM; resolves when its shell can be reached. */
  start(ref: VmRef, run: DriverRun): Promise<{ readonly ip: string | null }>;
  /** Graceful, then forced. Resolves when it is off; already off is fine. */
  stop(ref: VmRef, run: DriverRun): Promise<void>;
  restart(ref: VmRef, run: DriverRun): Promise<{ readonly ip: string | null }>;
  /** Removes machine, disk and folder. Resolves when nothing is left; nothing there is fine. Also cleans up after a crash. */
  destroy(ref: VmRef, run: DriverRun): Promise<void>;

  /** Gives a stopped VM another size; the guest sees it from its next start on. A disk never shrinks. */
  resize(ref: VmRef, size: VmSize, run: DriverRun): Promise<void>;
  /** Makes and boots `machine` with a copy of the disk of a stopped `source`, or of its snapshot. A failure leaves nothing behind. */
  clone(source: VmRef, snapshot: string | null, machine: VmMachine, run: DriverRun): Promise<CreatedVm>;
  /** `snapshot` is a name of ours: `s` and a number. */
  createSnapshot(
    ref: VmRef,
    snapshot: string,
    run: DriverRun,
  ): Promise<{ readonly sizeBytes: number | null }>;
  /** Resolves with the state the VM is left in: off, or running when its memory was kept too. */
  restoreSnapshot(
    ref: VmRef,
    snapshot: string,
    run: DriverRun,
  ): Promise<{ readonly state: "running" | "stopped"; readonly ip: string | null }>;
  /** Not there is fine. */
  deleteSnapshot(ref: VmRef, snapshot: string, run: DriverRun): Promise<void>;
  /** Names of the snapshots that are whole. */
  listSnapshots(ref: VmRef): Promise<readonly string[]>;
  /** Replaces the owner's keys in a running VM; the driver's own key stays. */
  setSshKeys(ref: VmRef, keys: readonly string[]): Promise<void>;

  /** Every VM of this installation on the host, also those the database does not know. */
  inspect(): Promise<readonly ObservedVm[]>;
  /** Facts as they change, also behind our back. */
  watch(listener: (observed: ObservedVm) => void): Disposable;
  /** Counters of all running VMs in one call. */
  sample(): Promise<readonly VmCounters[]>;
  /** Starts a shell. Throws `AppError("conflict")` when the VM cannot be reached. */
  openTerminal(ref: VmRef, size: TerminalSize, onData: (bytes: Uint8Array) => void): Promise<TerminalStream>;
}

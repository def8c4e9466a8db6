/** Which action is possible in which state, and why not: one table, no side effects. */
import type { JobKind, VmAction, VmState } from "#protocol";

export interface Accepted {
  readonly ok: true;
  /** State while the job works. */
  readonly next: VmState;
  readonly kind: JobKind;
  /** The job that works on the VM now is cancelled first. */
  readonly replacesJob: boolean;
}
export interface Refused {
  readonly ok: false;
  /** Plain words for the person who clicked. */
  readonly reason: string;
}
export type Plan = Accepted | Refused;

const no = (reason: string): Refused => ({ ok: false, reason });
const yes = (next: VmState, kind: JobKind, replacesJob = false): Accepted => ({
  ok: true,
  next,
  kind,
  replacesJob,
});

const start = yes("starting", "vm.start");
const stop = yes("stopping", "vm.stop");
const restart = yes("restarting", "vm.restart");
const destroy = yes("destroying", "vm.destroy");
// Whoever destroys a VM does not care how its start ends: no need to make them wait for it.
const destroyInstead = yes("destroying", "vm.destroy", true);

const everything = (reason: string) => ({ start: no(reason), stop: no(reason), restart: no(reason) });

const table: Readonly<Record<VmState, Readonly<Record<VmAction, Plan>>>> = {
  pending: {
    ...everything("This VM is still being created; wait for it, cancel its job, or destroy it"),
    destroy: destroyInstead,
  },
  starting: {
    start: no("This VM is already starting"),
    stop: no("This VM is still starting; wait for it or cancel its job"),
    restart: no("This VM is still starting; wait for it or cancel its job"),
    destroy: destroyInstead,
  },
  running: { start: no("This VM is already running"), stop, restart, destroy },
  stopping: {
    start: no("This VM is still stopping; start it when it has stopped"),
    stop: no("This VM is already stopping"),
    restart: no("This VM is stopping; start it when it has stopped"),
    destroy: destroyInstead,
  },
  stopped: {
    start,
    stop: no("This VM is already stopped"),
    restart: no("This VM is stopped; start it instead"),
    destroy,
  },
  restarting: {
    start: no("This VM is already restarting"),
    stop: no("This VM is still restarting; wait for it or cancel its job"),
    restart: no("This VM is already restarting"),
    destroy: destroyInstead,
  },
  destroying: {
    ...everything("This VM is being destroyed"),
    destroy: no("This VM is already being destroyed"),
  },
  failed: {
    ...everything("This VM failed and cannot be used any more; destroy it and create it again"),
    destroy,
  },
  unknown: {
    start: no("It is not known what state this VM is in; stop it first, that is safe in any state"),
    stop,
    restart: no("It is not known what state this VM is in; stop it first, that is safe in any state"),
    destroy,
  },
};

/** What `action` means for a VM in `state`. */
export function planAction(action: VmAction, state: VmState): Plan {
  return table[state][action];
}

/** What is done to a VM beside switching it on and off. */
export const vmOperations = [
  "resize",
  "rebuild",
  /** Of the disk as it is. */
  "clone",
  "cloneSnapshot",
  "snapshot",
  "restore",
  "deleteSnapshot",
] as const;
export type VmOperation = (typeof vmOperations)[number];

const kinds: Readonly<Record<VmOperation, JobKind>> = {
  resize: "vm.resize",
  rebuild: "vm.rebuild",
  clone: "vm.clone",
  cloneSnapshot: "vm.clone",
  snapshot: "snapshot.create",
  restore: "snapshot.restore",
  deleteSnapshot: "snapshot.delete",
};

/**
 * The state while an operation works, or why it is refused. A VM whose disk is worked on keeps its state: the job that
 * holds it says what goes on, and keeps every other action away.
 */
const operations: Readonly<Record<VmState, Readonly<Record<VmOperation, Next | Refused>>>> = {
  pending: all(no("This VM is still being created; wait for it")),
  starting: all(no("This VM is still starting; wait for it or cancel its job")),
  running: {
    resize: no("This VM is running; stop it first, only a stopped VM gets another size"),
    rebuild: "pending",
    clone: no("This VM is running; stop it first, or clone one of its snapshots"),
    cloneSnapshot: "running",
    snapshot: "running",
    restore: "restarting",
    deleteSnapshot: "running",
  },
  stopping: all(no("This VM is still stopping; wait for it")),
  stopped: { ...all("stopped"), rebuild: "pending" },
  restarting: all(no("This VM is still restarting; wait for it or cancel its job")),
  destroying: all(no("This VM is being destroyed")),
  failed: {
    ...all(no("This VM failed and cannot be used any more; rebuild it or destroy it")),
    rebuild: "pending",
  },
  unknown: all(no("It is not known what state this VM is in; stop it first, that is safe in any state")),
};

type Next = Extract<VmState, "pending" | "running" | "restarting" | "stopped">;

function all<T>(cell: T): Record<VmOperation, T> {
  return {
    resize: cell,
    rebuild: cell,
    clone: cell,
    cloneSnapshot: cell,
    snapshot: cell,
    restore: cell,
    deleteSnapshot: cell,
  };
}

/** What `operation` means for a VM in `state`. */
export function planOperation(operation: VmOperation, state: VmState): Plan {
  const cell = operations[state][operation];
  return typeof cell === "string" ? yes(cell, kinds[operation]) : cell;
}

/** States with nothing under way: facts of the hypervisor may change them. */
export function isSettled(state: VmState): boolean {
  switch (state) {
    case "running":
    case "stopped":
    case "failed":
    case "unknown":
      return true;
    case "pending":
    case "starting":
    case "stopping":
    case "restarting":
    case "destroying":
      return false;
    default:
      return state satisfies never;
  }
}

/** Which actions a state allows, and why not, so that no button leads to a refusal. The server decides all the same. */
import type { VmAction, VmState, VmView } from "#protocol";

/** Why an action is not possible; null when it is. */
type Refusal = string | null;

const BUSY = "wait until the VM has finished what it is doing";
const GONE = "a failed VM cannot be used any more; rebuild it or destroy it";
const UNSURE = "nobody knows what state the VM is in; stop it first";

const whileBusy = { start: BUSY, stop: BUSY, restart: BUSY, destroy: null };

const table: Readonly<Record<VmState, Readonly<Record<VmAction, Refusal>>>> = {
  pending: whileBusy,
  starting: whileBusy,
  stopping: whileBusy,
  restarting: whileBusy,
  destroying: { ...whileBusy, destroy: "the VM is being destroyed" },
  running: { start: "the VM is running already", stop: null, restart: null, destroy: null },
  stopped: {
    start: null,
    stop: "the VM is stopped already",
    restart: "the VM is stopped; start it instead",
    destroy: null,
  },
  failed: { start: GONE, stop: GONE, restart: GONE, destroy: null },
  unknown: { start: UNSURE, stop: null, restart: UNSURE, destroy: null },
};

export function refusalOf(action: VmAction, state: VmState): Refusal {
  return table[state][action];
}

const settled: ReadonlySet<VmState> = new Set(["running", "stopped", "failed", "unknown"]);

/** The same for a VM as it is: one whose disk is worked on keeps its state, and takes no other action meanwhile. */
export function actionRefusal(action: VmAction, vm: Pick<VmView, "state" | "activeJobId">): Refusal {
  const isHeld = vm.activeJobId !== null && settled.has(vm.state);
  return refusalOf(action, vm.state) ?? (isHeld ? BUSY : null);
}

/** What is done to a VM beside switching it on and off. */
export type VmOperation =
  "resize" | "rebuild" | "clone" | "cloneSnapshot" | "snapshot" | "restore" | "deleteSnapshot";

const offOnly: Partial<Record<VmOperation, string>> = {
  resize: "stop the VM first; only a stopped VM gets another size",
  clone: "stop the VM first, or clone one of its snapshots",
};

/** Why an operation is not possible now; null when it is. A VM that a job works on takes no other. */
export function operationRefusal(operation: VmOperation, vm: Pick<VmView, "state" | "activeJobId">): Refusal {
  if (vm.activeJobId !== null) return BUSY;
  switch (vm.state) {
    case "running":
      return offOnly[operation] ?? null;
    case "stopped":
      return null;
    case "failed":
      return operation === "rebuild" ? null : GONE;
    case "unknown":
      return UNSURE;
    case "pending":
    case "starting":
    case "stopping":
    case "restarting":
    case "destroying":
      return BUSY;
    default:
      return vm.state satisfies never;
  }
}

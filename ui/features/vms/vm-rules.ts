/** Which actions a state allows, and why not, so that no button leads to a refusal. The server decides all the same. */
import type { VmAction, VmState } from "#protocol";

/** Why an action is not possible; null when it is. */
type Refusal = string | null;

const BUSY = "wait until the VM has finished what it is doing";
const GONE = "a failed VM cannot be used any more; destroy it and create it again";
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

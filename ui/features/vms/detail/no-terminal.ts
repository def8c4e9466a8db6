/** Why a machine has no terminal now, and what helps; pure. */
import type { VmState } from "#protocol";

export interface NoTerminal {
  readonly title: string;
  readonly text: string;
  /** Something is under way and ends by itself. */
  readonly isPassing: boolean;
}

const passing = (title: string, text: string): NoTerminal => ({ title, text, isPassing: true });
const lasting = (title: string, text: string): NoTerminal => ({ title, text, isPassing: false });

const BOOTING = "The terminal opens when the VM has booted.";

const absences: Readonly<Record<Exclude<VmState, "running">, NoTerminal>> = {
  pending: passing("Being created", BOOTING),
  starting: passing("Starting", BOOTING),
  restarting: passing("Restarting", BOOTING),
  stopping: passing("Stopping", "The VM is shutting down, and its shells with it."),
  destroying: passing("Being destroyed", "The VM and its disk are being deleted."),
  stopped: lasting("Not running", "Start the VM to get a terminal. Its disk is as you left it."),
  failed: lasting("Failed", "The reason is above. Rebuild the VM in its settings, or destroy it."),
  unknown: lasting(
    "State unknown",
    "The server cannot tell whether this VM runs. Stop it first, then start it again.",
  ),
};

/** Null where a terminal can be opened. */
export function noTerminal(state: VmState): NoTerminal | null {
  return state === "running" ? null : absences[state];
}

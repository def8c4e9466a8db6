/** What libvirt's numbers and words for the state of a domain mean here. */
import type { ObservedState } from "../vm-driver.ts";

/** `virDomainShutoffReason`: tells an end by a crash from an orderly one. */
const SHUTOFF_CRASHED = 3;
/** `virDomainPausedReason`: QEMU is there, its processors start in a moment. */
const PAUSED_STARTING_UP = 11;

export function stateOf(state: number, reason: number): ObservedState {
  switch (state) {
    case 1: // running
    case 2: // blocked on a resource
    case 4: // going down, still there
      return "running";
    case 3:
      return reason === PAUSED_STARTING_UP ? "running" : "paused";
    case 7: // suspended by the guest's power management
      return "paused";
    case 5:
      return reason === SHUTOFF_CRASHED ? "crashed" : "stopped";
    case 6:
      return "crashed";
    default:
      return "stopped";
  }
}

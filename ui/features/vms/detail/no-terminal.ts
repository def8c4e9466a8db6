/** Why a machine has no terminal now, and whether starting it helps; pure. */
import type { VmState } from "#protocol";

export interface NoTerminal {
  readonly title: string;
  readonly text: string;
  readonly canStart: boolean;
}

export function noTerminal(state: VmState): NoTerminal | null {
  switch (state) {
    case "running":
      return null;
    case "pending":
      return {
        title: "Being created",
        text: "The terminal opens when the machine has booted.",
        canStart: false,
      };
    case "starting":
    case "restarting":
      return { title: "Starting", text: "The terminal opens when the machine has booted.", canStart: false };
    case "stopping":
      return {
        title: "Stopping",
        text: "The machine is shutting down, and its shells with it.",
        canStart: false,
      };
    case "destroying":
      return {
        title: "Being destroyed",
        text: "The machine and its disk are being deleted.",
        canStart: false,
      };
    case "stopped":
      return {
        title: "Not running",
        text: "Start the machine to get a terminal. Its disk is as you left it.",
        canStart: true,
      };
    case "failed":
      return {
        title: "The last action failed",
        text: "The reason is above. You can try to start the machine again.",
        canStart: true,
      };
    case "unknown":
      return {
        title: "State unknown",
        text: "The server cannot tell whether this machine runs. It keeps asking; you can also try to start it.",
        canStart: true,
      };
    default:
      return state satisfies never;
  }
}

/** How each state of a machine is shown. */
import type { VmState } from "#protocol";
import type { StateLook } from "../../shared/components/state-look.ts";

export const vmStateLook: Record<VmState, StateLook> = {
  pending: { label: "Pending", tone: "info", shape: "moving" },
  starting: { label: "Starting", tone: "info", shape: "moving" },
  running: { label: "Running", tone: "success", shape: "dot" },
  stopping: { label: "Stopping", tone: "warning", shape: "moving" },
  stopped: { label: "Stopped", tone: "neutral", shape: "square" },
  restarting: { label: "Restarting", tone: "info", shape: "moving" },
  destroying: { label: "Destroying", tone: "warning", shape: "moving" },
  failed: { label: "Failed", tone: "danger", shape: "cross" },
  unknown: { label: "Unknown", tone: "warning", shape: "ring" },
};

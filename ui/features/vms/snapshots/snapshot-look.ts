/** States of snapshots as words and shapes. */
import type { SnapshotView } from "#protocol";
import type { StateLook } from "../../../shared/components/state-look.ts";

export const snapshotLook: Record<SnapshotView["state"], StateLook> = {
  creating: { label: "Being taken", tone: "info", shape: "moving" },
  ready: { label: "Ready", tone: "success", shape: "check" },
  restoring: { label: "Being restored", tone: "info", shape: "moving" },
  deleting: { label: "Being deleted", tone: "warning", shape: "moving" },
  failed: { label: "Failed", tone: "danger", shape: "cross" },
};

/** What a name begins with: the day and the time, to the minute. */
export function suggestSnapshotName(nowMs: number): string {
  const now = new Date(nowMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `${day} ${two(now.getHours())}:${two(now.getMinutes())}`;
}

/** Snapshots of a VM: disk state to go back to. A view of them travels inside the VM. */
import { z } from "zod";
import { command } from "./command-spec.ts";
import { line, prose } from "./fields.ts";
import { epochMs, jobId, snapshotId, vmId } from "./ids.ts";

export const snapshotName = line(1, 64);

export const snapshotView = z.object({
  id: snapshotId,
  vmId,
  name: z.string(),
  description: z.string(),
  state: z.enum(["creating", "ready", "restoring", "deleting", "failed"]),
  /** What it takes on the host; null where the driver cannot tell. */
  sizeBytes: z.int().nullable(),
  createdAtMs: epochMs,
});
export type SnapshotView = z.infer<typeof snapshotView>;

const target = z.strictObject({ vmId, snapshotId });
const accepted = z.object({ snapshot: snapshotView, jobId });

export const snapshotCommands = {
  "snapshot.list": command({
    summary: "Snapshots of a VM, oldest first",
    access: "user",
    effect: "read",
    input: z.strictObject({ vmId }),
    output: z.object({ snapshots: z.array(snapshotView) }),
    rest: { method: "GET", path: "/api/vms/{vmId}/snapshots" },
  }),
  "snapshot.create": command({
    summary: "Take a snapshot of a VM",
    access: "user",
    effect: "write",
    input: z.strictObject({ vmId, name: snapshotName, description: prose(500).default("") }),
    output: accepted,
    rest: { method: "POST", path: "/api/vms/{vmId}/snapshots", status: 202 },
  }),
  "snapshot.restore": command({
    summary: "Put a VM back to a snapshot; what came after is lost",
    access: "user",
    effect: "write",
    input: target,
    output: accepted,
    rest: { method: "POST", path: "/api/vms/{vmId}/snapshots/{snapshotId}/restore", status: 202 },
  }),
  "snapshot.delete": command({
    summary: "Delete a snapshot; the VM stays as it is",
    access: "user",
    effect: "write",
    input: target,
    output: accepted,
    rest: { method: "DELETE", path: "/api/vms/{vmId}/snapshots/{snapshotId}", status: 202 },
  }),
} as const;

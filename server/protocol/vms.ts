/** Virtual machines: states, limits of a size, `vm.*` commands and the `vm.state` topic. */
import { z } from "zod";
import { command } from "./command-spec.ts";
import { epochMs, jobId, userId, vmId } from "./ids.ts";
import { imageId } from "./images.ts";
import { topic } from "./topic-spec.ts";

export const vmStates = [
  "pending",
  "starting",
  "running",
  "stopping",
  "stopped",
  "restarting",
  "destroying",
  "failed",
  "unknown",
] as const;
export const vmState = z.enum(vmStates);
export type VmState = z.infer<typeof vmState>;

/** What a machine may be; forms, checks and documents all read these numbers. */
export const vmSizes = {
  ramMb: { min: 512, max: 4096, step: 256, default: 512 },
  cpuCores: { min: 1, max: 4, step: 1, default: 1 },
  diskGb: { min: 10, max: 50, step: 1, default: 10 },
} as const;

const vmNameRule =
  "2 to 32 characters: lower-case letters, digits and -; starts with a letter, ends with a letter or digit";
export const vmName = z
  .string(vmNameRule)
  .regex(/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/, vmNameRule)
  .meta({ examples: ["web01"] });

const sized = (size: { min: number; max: number; step: number }, unit: string) => {
  const allowed = `a whole number from ${size.min} to ${size.max}${size.step > 1 ? ` in steps of ${size.step}` : ""} (${unit})`;
  return z.int(allowed).min(size.min, allowed).max(size.max, allowed).multipleOf(size.step, allowed);
};

export const vmSpec = z.strictObject({
  name: vmName,
  image: imageId,
  ramMb: sized(vmSizes.ramMb, "MB"),
  cpuCores: sized(vmSizes.cpuCores, "cores"),
  diskGb: sized(vmSizes.diskGb, "GB"),
});
export type VmSpec = z.infer<typeof vmSpec>;

export const vmView = z.object({
  id: vmId,
  ownerId: userId,
  ownerName: z.string(),
  name: vmName,
  image: imageId,
  ramMb: z.int(),
  cpuCores: z.int(),
  diskGb: z.int(),
  state: vmState,
  ip: z.string().nullable(),
  driver: z.enum(["vagrant", "simulated"]),
  /** The failure of the last action in plain words, and what Vagrant or libvirt printed. */
  error: z.object({ message: z.string(), detail: z.string() }).nullable(),
  /** The job that works on this VM now. */
  activeJobId: jobId.nullable(),
  createdAtMs: epochMs,
  startedAtMs: epochMs.nullable(),
});
export type VmView = z.infer<typeof vmView>;

const accepted = z.object({ vm: vmView, jobId });
const target = z.strictObject({ vmId });

export const vmActions = ["start", "stop", "restart", "destroy"] as const;
export type VmAction = (typeof vmActions)[number];

const action = <const A extends VmAction>(name: A, summary: string) =>
  command({
    summary,
    access: "user",
    effect: "write",
    input: target,
    output: accepted,
    rest: { method: "POST", path: "/api/vms/{vmId}/action", status: 202, action: name },
  });

export const vmCommands = {
  "vm.list": command({
    summary: "List your VMs",
    access: "user",
    effect: "read",
    input: z.strictObject({}),
    output: z.object({ vms: z.array(vmView) }),
    rest: { method: "GET", path: "/api/vms" },
  }),
  "vm.get": command({
    summary: "One VM",
    access: "user",
    effect: "read",
    input: target,
    output: z.object({ vm: vmView }),
    rest: { method: "GET", path: "/api/vms/{vmId}" },
  }),
  "vm.create": command({
    summary: "Create a VM and boot it",
    access: "user",
    effect: "write",
    input: vmSpec,
    output: accepted,
    rest: { method: "POST", path: "/api/vms", status: 202 },
  }),
  "vm.start": action("start", "Start a stopped VM"),
  "vm.stop": action("stop", "Shut a running VM down"),
  "vm.restart": action("restart", "Restart a running VM"),
  "vm.destroy": action("destroy", "Destroy a VM and its disk"),
} as const;

export const vmTopics = {
  "vm.state": topic({
    summary: "Every change of your VMs",
    policy: "latest-per-key",
    scope: "owner",
    snapshot: z.object({ vms: z.array(vmView) }),
    event: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("changed"), vm: vmView }),
      z.object({ kind: z.literal("removed"), vmId }),
    ]),
  }),
} as const;

/** Virtual machines: states, limits of a size, `vm.*` commands and the `vm.state` topic. */
import { z } from "zod";
import { command } from "./command-spec.ts";
import { line, listOf, oneOf, prose, wholeNumber } from "./fields.ts";
import { wireError } from "./errors.ts";
import { epochMs, jobId, snapshotId, userId, vmId } from "./ids.ts";
import { imageId } from "./images.ts";
import { snapshotView } from "./snapshots.ts";
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
export const vmState = oneOf(vmStates);
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

const tagRule = "1 to 24 characters: lower-case letters, digits and -";
export const vmTag = z.string(tagRule).regex(/^[a-z0-9][a-z0-9-]{0,23}$/, tagRule);
const vmTags = listOf(vmTag, 0, 10, "tags");

/** Shown beside the name, which stays as it is: folders, domains and host names are made of it. */
const vmLabel = line(0, 64);
const vmNotes = prose(4_000);

const timeOfDayRule = "a time of day as HH:MM, from 00:00 to 23:59";
const timeOfDay = z.string(timeOfDayRule).regex(/^([01]\d|2[0-3]):[0-5]\d$/, timeOfDayRule);

const zoneRule = "a time zone of the IANA database, e.g. Europe/Berlin";
const timeZone = z
  .string(zoneRule)
  .max(64, zoneRule)
  .refine((name) => isTimeZone(name), zoneRule);

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** When the VM is stopped and started by itself. */
export const vmSchedule = z.strictObject(
  {
    stopAt: timeOfDay.nullable(),
    startAt: timeOfDay.nullable(),
    /** ISO 8601: 1 is Monday, 7 is Sunday. */
    days: listOf(wholeNumber(1, 7), 1, 7, "days from 1 (Monday) to 7"),
    timeZone,
  },
  "an object with stopAt, startAt, days and timeZone",
);
export type VmSchedule = z.infer<typeof vmSchedule>;

/** A lease ends by a graceful stop; nothing is destroyed. */
export const leaseHours = { min: 1, max: 720 } as const;
const leaseLength = wholeNumber(leaseHours.min, leaseHours.max, "hours");

/** Runs as root at the first boot, by the shell its first line names. */
const scriptLimit = 16_384;
const startupScript = prose(scriptLimit);

export const vmCreateInput = vmSpec.extend({
  label: vmLabel.default(""),
  notes: vmNotes.default(""),
  tags: vmTags.default([]),
  startupScript: startupScript.default(""),
  /** Null: the default of this cloud, which may be none. */
  leaseHours: leaseLength.nullable().default(null),
  schedule: vmSchedule.nullable().default(null),
  /** What the caller was shown, in milli-credits an hour; another price today is refused as `conflict`. */
  pricePerHour: wholeNumber(0, 1_000_000_000, "milli-credits an hour").optional(),
});
export type VmCreateInput = z.infer<typeof vmCreateInput>;

export const driverName = z.enum(["vagrant", "container", "simulated"]);
export type DriverName = z.infer<typeof driverName>;

export const vmView = z.object({
  id: vmId,
  ownerId: userId,
  ownerName: z.string(),
  name: vmName,
  label: z.string(),
  notes: z.string(),
  tags: z.array(z.string()),
  image: imageId,
  ramMb: z.int(),
  cpuCores: z.int(),
  diskGb: z.int(),
  state: vmState,
  ip: z.string().nullable(),
  /** Who `ssh` logs in as. */
  sshUser: z.string(),
  driver: driverName,
  /** The failure of the last action in plain words, and what Vagrant or libvirt printed. */
  error: z.object({ message: z.string(), detail: z.string() }).nullable(),
  /** The job that works on this VM now. */
  activeJobId: jobId.nullable(),
  snapshots: z.array(snapshotView),
  leaseEndsAtMs: epochMs.nullable(),
  schedule: vmSchedule.nullable(),
  /** The next time the schedule acts; null without one. */
  nextScheduledAtMs: epochMs.nullable(),
  hasStartupScript: z.boolean(),
  createdAtMs: epochMs,
  startedAtMs: epochMs.nullable(),
});
export type VmView = z.infer<typeof vmView>;

export const bulkError = wireError.pick({ code: true, message: true });
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
    input: vmCreateInput,
    output: accepted,
    rest: { method: "POST", path: "/api/vms", status: 202 },
  }),
  "vm.start": action("start", "Start a stopped VM"),
  "vm.stop": action("stop", "Shut a running VM down"),
  "vm.restart": action("restart", "Restart a running VM"),
  "vm.destroy": action("destroy", "Destroy a VM and its disk"),
  "vm.update": command({
    summary: "Change label, notes, tags or schedule of a VM",
    access: "user",
    effect: "write",
    input: z.strictObject({
      vmId,
      label: vmLabel.optional(),
      notes: vmNotes.optional(),
      tags: vmTags.optional(),
      schedule: vmSchedule.nullable().optional(),
    }),
    output: z.object({ vm: vmView }),
    rest: { method: "PATCH", path: "/api/vms/{vmId}" },
  }),
  "vm.resize": command({
    summary: "Give a stopped VM another size; a disk only grows",
    access: "user",
    effect: "write",
    input: z.strictObject({
      vmId,
      ramMb: vmSpec.shape.ramMb.optional(),
      cpuCores: vmSpec.shape.cpuCores.optional(),
      diskGb: vmSpec.shape.diskGb.optional(),
    }),
    output: accepted,
    rest: { method: "POST", path: "/api/vms/{vmId}/resize", status: 202 },
  }),
  "vm.rebuild": command({
    summary: "Make a VM anew from an image; its disk and its snapshots are lost",
    access: "user",
    effect: "write",
    input: z.strictObject({ vmId, image: imageId.optional() }),
    output: accepted,
    rest: { method: "POST", path: "/api/vms/{vmId}/rebuild", status: 202 },
  }),
  "vm.clone": command({
    summary: "Make a new VM with the disk of a stopped one, or of one of its snapshots",
    access: "user",
    effect: "write",
    input: z.strictObject({ vmId, name: vmName, snapshotId: snapshotId.optional() }),
    output: accepted,
    rest: { method: "POST", path: "/api/vms/{vmId}/clone", status: 202 },
  }),
  "vm.extendLease": command({
    summary: "Let the lease of a VM end this many hours from now; null removes it",
    access: "user",
    effect: "write",
    input: z.strictObject({ vmId, hours: leaseLength.nullable() }),
    output: z.object({ vm: vmView }),
    rest: { method: "POST", path: "/api/vms/{vmId}/lease" },
  }),
  "vm.startup": command({
    summary: "The start-up script of a VM and what it printed",
    access: "user",
    effect: "read",
    input: target,
    output: z.object({
      script: z.string(),
      output: z.string(),
      exitCode: z.int().nullable(),
      ranAtMs: epochMs.nullable(),
    }),
    rest: { method: "GET", path: "/api/vms/{vmId}/startup" },
  }),
  "vm.bulk": command({
    summary: "One action on many VMs, with one result each; a refusal of one leaves the others alone",
    access: "user",
    effect: "write",
    input: z.strictObject({
      vmIds: listOf(vmId, 1, 200, "VM ids"),
      action: oneOf(vmActions),
    }),
    output: z.object({
      results: z.array(z.object({ vmId, jobId: jobId.nullable(), error: bulkError.nullable() })),
    }),
    rest: { method: "POST", path: "/api/vms/bulk", status: 202 },
  }),
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

/** Quotas: what one user may hold at a time, and what the host can still give. */
import { z } from "zod";
import { command } from "./command-spec.ts";
import { wholeNumber } from "./fields.ts";
import { userId } from "./ids.ts";
import { topic } from "./topic-spec.ts";

/** The upper bounds keep a slip of the keyboard from promising what no host has. */
export const quotaLimits = z.strictObject(
  {
    vms: wholeNumber(0, 1_000),
    cpuCores: wholeNumber(0, 4_000),
    ramMb: wholeNumber(0, 4_096_000, "MB"),
    diskGb: wholeNumber(0, 50_000, "GB"),
    snapshots: wholeNumber(0, 10_000),
  },
  "an object with vms, cpuCores, ramMb, diskGb and snapshots",
);
export type QuotaLimits = z.infer<typeof quotaLimits>;
export type QuotaName = keyof QuotaLimits;

export const defaultQuota: QuotaLimits = { vms: 5, cpuCores: 8, ramMb: 8192, diskGb: 100, snapshots: 10 };

const quotaUse = z.object({
  vms: z.int(),
  cpuCores: z.int(),
  ramMb: z.int(),
  diskGb: z.int(),
  snapshots: z.int(),
});

export const quotaView = z.object({
  userId,
  limits: quotaUse,
  used: quotaUse,
  /** Names of the limits that an administrator set for this user; the others are the defaults. */
  own: z.array(z.string()),
});
export type QuotaView = z.infer<typeof quotaView>;

/** What the host has for VMs. Memory counts VMs that run or start; disk is what is free on its file system. */
export const hostCapacity = z.object({
  memoryTotalMb: z.int(),
  /** Kept for the host itself. */
  memoryReservedMb: z.int(),
  memoryAllocatedMb: z.int(),
  memoryFreeMb: z.int(),
  cpuCores: z.int(),
  cpuAllocated: z.int(),
  diskTotalGb: z.number(),
  diskFreeGb: z.number(),
  /** Promised to VMs, thin disks counted in full. */
  diskAllocatedGb: z.int(),
});
export type HostCapacity = z.infer<typeof hostCapacity>;

export const quotaCommands = {
  "quota.get": command({
    summary: "Your quota, what you use of it, and what the host can still hold",
    access: "user",
    effect: "read",
    input: z.strictObject({
      userId: userId.optional().meta({ description: "Another user's, for administrators." }),
    }),
    output: z.object({ quota: quotaView, host: hostCapacity.nullable() }),
    rest: { method: "GET", path: "/api/quota" },
  }),
} as const;

export const quotaTopics = {
  "quota.state": topic({
    summary: "Your quota whenever its limits or its use change; `all` starts empty",
    policy: "latest-per-key",
    scope: "owner",
    snapshot: z.object({ quota: quotaView.nullable() }),
    event: z.object({ quota: quotaView }),
  }),
} as const;

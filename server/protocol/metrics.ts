/** Host and VM measurements: `metrics.*` commands and topics. Rates are per second since the sample before. */
import { z } from "zod";
import { command } from "./command-spec.ts";
import { epochMs, vmId } from "./ids.ts";
import { topic } from "./topic-spec.ts";

const percent = z.number().min(0).max(100);
const bytes = z.number().nonnegative();

export const hostSample = z.object({
  atMs: epochMs,
  cpuPercent: percent,
  /** One value per core, in kernel order. */
  corePercent: z.array(percent),
  load1: z.number().nonnegative(),
  load5: z.number().nonnegative(),
  load15: z.number().nonnegative(),
  memoryTotalBytes: bytes,
  memoryUsedBytes: bytes,
  swapTotalBytes: bytes,
  swapUsedBytes: bytes,
  /** The file system that holds TWARGA_HOME. */
  diskTotalBytes: bytes,
  diskUsedBytes: bytes,
  diskReadBytesPerS: bytes,
  diskWriteBytesPerS: bytes,
  networkRxBytesPerS: bytes,
  networkTxBytesPerS: bytes,
  uptimeSeconds: z.number().nonnegative(),
});
export type HostSample = z.infer<typeof hostSample>;

export const hostInventory = z.object({
  hostname: z.string(),
  os: z.string(),
  kernel: z.string(),
  cpuModel: z.string(),
  cpuCores: z.int(),
  virtualization: z.string(),
  disks: z.array(z.object({ mount: z.string(), type: z.string(), totalBytes: bytes, usedBytes: bytes })),
  interfaces: z.array(z.object({ name: z.string(), address: z.string(), speedMbit: z.number().nullable() })),
});
export type HostInventory = z.infer<typeof hostInventory>;

export const vmSample = z.object({
  vmId,
  atMs: epochMs,
  /** Share of all the VM's cores: 100 means every core is busy. */
  cpuPercent: percent,
  memoryTotalBytes: bytes,
  /** What the guest takes from the host: its own use where the balloon reports it, else resident memory. */
  memoryUsedBytes: bytes,
  diskTotalBytes: bytes,
  /** Allocated on the host. */
  diskUsedBytes: bytes,
  diskReadBytesPerS: bytes,
  diskWriteBytesPerS: bytes,
  networkRxBytesPerS: bytes,
  networkTxBytesPerS: bytes,
  uptimeSeconds: z.number().nonnegative(),
});
export type VmSample = z.infer<typeof vmSample>;

export const metricsCommands = {
  "metrics.host": command({
    summary: "Host: newest sample, the last 10 minutes, and inventory",
    access: "user",
    effect: "read",
    input: z.strictObject({}),
    output: z.object({
      current: hostSample.nullable(),
      history: z.array(hostSample),
      inventory: hostInventory.nullable(),
    }),
    rest: { method: "GET", path: "/api/metrics/host" },
  }),
  "metrics.vm": command({
    summary: "One VM: newest sample and the last 10 minutes",
    access: "user",
    effect: "read",
    input: z.strictObject({ vmId }),
    output: z.object({ current: vmSample.nullable(), history: z.array(vmSample) }),
    rest: { method: "GET", path: "/api/metrics/vm/{vmId}" },
  }),
} as const;

export const metricsTopics = {
  "metrics.host": topic({
    summary: "One host sample a second; the snapshot is the last 10 minutes",
    policy: "latest",
    scope: "everyone",
    snapshot: z.object({ history: z.array(hostSample), inventory: hostInventory.nullable() }),
    event: z.object({ sample: hostSample }),
  }),
  "metrics.vms": topic({
    summary: "Samples of all your running VMs, one frame every 2 s; the snapshot is the last 10 minutes",
    policy: "latest",
    scope: "owner",
    snapshot: z.object({ vms: z.array(z.object({ vmId, history: z.array(vmSample) })) }),
    event: z.object({ samples: z.array(vmSample) }),
  }),
} as const;

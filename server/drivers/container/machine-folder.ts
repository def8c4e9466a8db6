/** What the driver keeps of a machine on disk. */
import { userId, vmId, vmName } from "#protocol";
import { z } from "zod";

export const machineInfo = z.object({
  driver: z.literal("container"),
  vmId,
  ownerId: userId,
  name: vmName,
  image: z.string(),
  sshUser: z.string(),
  ramMb: z.int().positive(),
  cpuCores: z.int().positive(),
  diskGb: z.int().positive(),
  /** Public keys of the owner. */
  sshKeys: z.array(z.string()),
});
export type MachineInfo = z.infer<typeof machineInfo>;

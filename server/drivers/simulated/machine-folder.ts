/** What the simulated driver keeps of a machine on disk: `.vm_info` in `user{id}-{name}/`, written whole or not at all. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { userId, vmId, vmName } from "#protocol";
import { z } from "zod";
import { createVmFolders, replaceFile, type VmFolders } from "../vm-folder.ts";

const DISK_FILE = "disk.json";

export const machineInfo = z.object({
  driver: z.literal("simulated"),
  vmId,
  ownerId: userId,
  name: vmName,
  image: z.string(),
  ramMb: z.int().positive(),
  cpuCores: z.int().positive(),
  diskGb: z.int().positive(),
  ip: z.string(),
  /** `creating` on disk means that a create was cut short. */
  state: z.enum(["creating", "running", "stopped"]),
  /** When it last booted; kept across restarts of the server, as a real machine goes on without us. */
  bootedAtMs: z.int().nonnegative(),
});
export type MachineInfo = z.infer<typeof machineInfo>;

/** Folders of simulated machines. */
export const simulatedFolders = (vmsDir: string): VmFolders<MachineInfo> =>
  createVmFolders(vmsDir, machineInfo);

export function loadDisk(folder: string): string | null {
  const path = join(folder, DISK_FILE);
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

export function removeDisk(folder: string): void {
  rmSync(join(folder, DISK_FILE), { force: true });
}

/** Nothing is written once the machine's folder is gone. */
export function saveDisk(folder: string, content: string): void {
  if (existsSync(folder)) replaceFile(join(folder, DISK_FILE), content);
}

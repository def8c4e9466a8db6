/** What the simulated driver keeps of a machine on disk: `.vm_info` in `user{id}-{name}/`, written whole or not at all. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { userId, vmId, vmName } from "#protocol";
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import type { VmRef } from "../vm-driver.ts";

const INFO_FILE = ".vm_info";
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

const ownName = z.object({ ownerId: userId, name: vmName });

/** Throws `invalid_input`: what is removed with all that lies below is checked here, whatever the caller has checked before. */
export function folderOf(vmsDir: string, ref: Pick<VmRef, "ownerId" | "name">): string {
  const parsed = ownName.safeParse({ ownerId: ref.ownerId, name: ref.name });
  if (!parsed.success) throw new AppError("invalid_input", "Not a name for a VM", { field: "name" });
  return join(vmsDir, `user${parsed.data.ownerId}-${parsed.data.name}`);
}

export function replaceFile(path: string, content: string): void {
  const draft = `${path}.new`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, path);
}

export function saveMachine(vmsDir: string, info: MachineInfo): void {
  const folder = folderOf(vmsDir, info);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  replaceFile(join(folder, INFO_FILE), `${JSON.stringify(info, null, 2)}\n`);
}

export function removeMachine(vmsDir: string, ref: Pick<VmRef, "ownerId" | "name">): void {
  rmSync(folderOf(vmsDir, ref), { recursive: true, force: true });
}

export function folderExists(vmsDir: string, ref: VmRef): boolean {
  return existsSync(folderOf(vmsDir, ref));
}

/** Machines of this driver; folders of other drivers and unreadable ones are left alone. */
export function loadMachines(vmsDir: string): readonly MachineInfo[] {
  if (!existsSync(vmsDir)) return [];
  return readdirSync(vmsDir)
    .filter((folder) => /^user\d+-/.test(folder))
    .map((folder) => readInfo(join(vmsDir, folder, INFO_FILE)))
    .filter((info) => info !== null);
}

function readInfo(path: string): MachineInfo | null {
  try {
    const parsed = machineInfo.safeParse(JSON.parse(readFileSync(path, "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

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

/** What the driver keeps of a machine on disk, and the mark of this installation. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { userId, vmId, vmName } from "#protocol";
import { z } from "zod";
import { replaceFile } from "../vm-folder.ts";

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

/** Marks the containers and images of one installation, so that two on one engine never meet. */
export function instanceOf(vmsDir: string): string {
  const file = join(vmsDir, ".instance");
  const stored = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  if (/^[0-9a-f]{6}$/.test(stored)) return stored;
  const fresh = randomBytes(3).toString("hex");
  mkdirSync(vmsDir, { recursive: true });
  replaceFile(file, `${fresh}\n`);
  return fresh;
}

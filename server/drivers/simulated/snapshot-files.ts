/** Snapshots of a simulated machine: one file each in its folder, written whole or not at all. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import { replaceFile } from "../vm-folder.ts";

const snapshot = z.object({
  /** As it was when the snapshot was taken; a running machine comes back running. */
  running: z.boolean(),
  ramMb: z.int().positive(),
  cpuCores: z.int().positive(),
  /** Null for a disk on which nobody has made anything yet. */
  disk: z.string().nullable(),
});
export type MachineSnapshot = z.infer<typeof snapshot>;

const FILE = /^snapshot-(s[0-9]+)\.json$/;

/** Throws `invalid_input`: the name becomes part of a path. */
function pathOf(folder: string, name: string): string {
  const file = `snapshot-${name}.json`;
  if (!FILE.test(file)) throw new AppError("invalid_input", "Not a name for a snapshot");
  return join(folder, file);
}

/** Gives its size in bytes. */
export function saveSnapshot(folder: string, name: string, content: MachineSnapshot): number {
  const path = pathOf(folder, name);
  if (existsSync(path)) throw new AppError("conflict", "A snapshot of that name exists already");
  replaceFile(path, JSON.stringify(content));
  return statSync(path).size;
}

export function loadSnapshot(folder: string, name: string): MachineSnapshot {
  const path = pathOf(folder, name);
  if (!existsSync(path)) throw new AppError("not_found", "The snapshot does not exist on the host");
  return snapshot.parse(JSON.parse(readFileSync(path, "utf8")));
}

export function removeSnapshot(folder: string, name: string): void {
  rmSync(pathOf(folder, name), { force: true });
}

export function snapshotNames(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((file) => FILE.exec(file)?.[1])
    .filter((name) => name !== undefined);
}

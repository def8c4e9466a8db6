/** The folder of one VM, `user{id}-{name}/`, and the description in it, written whole or not at all. */
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
import { userId, vmName } from "#protocol";
import { z } from "zod";
import { AppError } from "../core/errors.ts";
import type { VmRef } from "./vm-driver.ts";

const INFO_FILE = ".vm_info";
const ownName = z.object({ ownerId: userId, name: vmName });

type Named = Pick<VmRef, "ownerId" | "name">;

/** Throws `invalid_input`: what is removed with all that lies below is checked here, whatever the caller has checked before. */
export function folderOf(vmsDir: string, ref: Named): string {
  const parsed = ownName.safeParse({ ownerId: ref.ownerId, name: ref.name });
  if (!parsed.success) throw new AppError("invalid_input", "Not a name for a VM", { field: "name" });
  return join(vmsDir, `user${parsed.data.ownerId}-${parsed.data.name}`);
}

export function replaceFile(path: string, content: string): void {
  const draft = `${path}.new`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, path);
}

export interface VmFolders<I extends Named> {
  save(info: I): void;
  remove(ref: Named): void;
  exists(ref: Named): boolean;
  /** Null for no folder, another driver's, or one that cannot be read. */
  load(ref: Named): I | null;
  loadAll(): readonly I[];
}

/** Folders whose description fits `schema`; those of other drivers are left alone. */
export function createVmFolders<S extends z.ZodType<Named>>(
  vmsDir: string,
  schema: S,
): VmFolders<z.output<S>> {
  function read(folder: string): z.output<S> | null {
    try {
      const parsed = schema.safeParse(JSON.parse(readFileSync(join(folder, INFO_FILE), "utf8")));
      return parsed.success ? parsed.data : null;
    } catch {
      return null;
    }
  }

  return {
    save(info) {
      const folder = folderOf(vmsDir, info);
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0o700);
      replaceFile(join(folder, INFO_FILE), `${JSON.stringify(info, null, 2)}\n`);
    },
    remove: (ref) => rmSync(folderOf(vmsDir, ref), { recursive: true, force: true }),
    exists: (ref) => existsSync(folderOf(vmsDir, ref)),
    load: (ref) => read(folderOf(vmsDir, ref)),
    loadAll() {
      if (!existsSync(vmsDir)) return [];
      return readdirSync(vmsDir)
        .filter((folder) => /^user\d+-/.test(folder))
        .map((folder) => read(join(vmsDir, folder)))
        .filter((info) => info !== null);
    },
  };
}

/** Pure: what may be in a `.box` file from outside, and how large. */
import { z } from "zod";
import { AppError } from "../../../core/errors.ts";

const GIB = 1024 ** 3;

/** Far above what disks compress by, far below what a file made to fill a disk does. */
const EXPANSION_LIMIT = 20;
const SMALL_BYTES = 64 * 1024 ** 2;
/** No disk of an image offered here is larger: a VM has at most 50 GB, mostly holes that qcow2 leaves out. */
export const UNPACKED_LIMIT_BYTES = 32 * GIB;
/** Descriptions and Vagrantfiles. */
export const TEXT_LIMIT_BYTES = 64 * 1024;
/** Members of a box are a handful; a million empty ones would keep us busy. */
export const ENTRY_LIMIT = 16;

export const unpackedLimit = (archiveBytes: number): number =>
  Math.min(UNPACKED_LIMIT_BYTES, Math.max(SMALL_BYTES, archiveBytes * EXPANSION_LIMIT));

export type BoxPart = "metadata" | "disk" | "text" | "folder";

export interface ArchiveEntry {
  readonly name: string;
  readonly type: string | null | undefined;
  readonly size: number;
}

export const badBox = (reason: string, cause?: unknown): AppError =>
  new AppError("invalid_input", `The file is not taken: ${reason}`, { field: "uploadId", cause });

/** What a member is. Throws for everything that has no business in a box. */
export function judgeEntry({ name, type, size }: ArchiveEntry): BoxPart {
  const plain = name.replace(/^\.\//, "");
  if (type === "directory" && (plain === "" || plain === ".")) return "folder";
  if (type !== "file") throw badBox("it holds links, folders or devices");
  if (/^box[\w-]{0,16}\.img$/.test(plain)) {
    if (size > UNPACKED_LIMIT_BYTES) throw badBox("its disk is too large");
    return "disk";
  }
  if (plain !== "metadata.json" && plain !== "Vagrantfile" && plain !== "info.json")
    throw badBox("it holds more than metadata.json, Vagrantfile, info.json and box.img");
  if (size > TEXT_LIMIT_BYTES) throw badBox(`${plain} is over 64 KiB`);
  return plain === "metadata.json" ? "metadata" : "text";
}

const metadata = z.looseObject({
  provider: z.literal("libvirt"),
  format: z.literal("qcow2").optional(),
  disks: z
    .array(z.looseObject({ format: z.literal("qcow2").optional() }))
    .max(1)
    .optional(),
});

export function checkMetadata(text: string): void {
  const parsed = metadata.safeParse(jsonOf(text));
  if (!parsed.success) throw badBox("its metadata.json does not say: libvirt, one qcow2 disk");
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

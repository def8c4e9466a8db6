/** Unpacks an uploaded archive member by member, and stops at the first thing that has no business in a box. */
import { createReadStream, createWriteStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { type Extract, extract } from "tar-stream";
import { AppError } from "../../../core/errors.ts";
import {
  badBox,
  type BoxPart,
  ENTRY_LIMIT,
  judgeEntry,
  TEXT_LIMIT_BYTES,
  unpackedLimit,
} from "./box-rules.ts";

type Entry = Extract extends AsyncIterable<infer E> ? E : never;

export interface UnpackedBox {
  readonly metadata: string;
}

/** Writes the disk to `diskPath`. Throws `invalid_input` that says what is wrong with the file. */
export async function unpackBox(path: string, diskPath: string, signal: AbortSignal): Promise<UnpackedBox> {
  const extractor = extract();
  const limit = unpackedLimit((await stat(path)).size);
  // A stream that is ended by another's fault says only that it was ended.
  const faults: unknown[] = [];
  const source = createReadStream(path);
  const guard = limited(limit, (fault) => faults.push(fault));
  const feeding = (await isGzip(path))
    ? pipeline(source, createGunzip(), guard, extractor, { signal })
    : pipeline(source, guard, extractor, { signal });
  // Its failure also ends the loop below; this one is looked at after it.
  feeding.catch(() => {});
  const found = new Map<BoxPart, string>();
  try {
    let entries = 0;
    for await (const entry of extractor) {
      entries += 1;
      if (entries > ENTRY_LIMIT) throw badBox("it holds too many files");
      await take(entry, found, diskPath, signal);
    }
    await feeding;
  } catch (error) {
    source.destroy();
    extractor.destroy();
    signal.throwIfAborted();
    faults.push(error);
    await feeding.catch((failure: unknown) => faults.push(failure));
    throw faults.find((fault) => fault instanceof AppError) ?? badBox("it is no whole .box archive", error);
  }
  const metadata = found.get("metadata");
  if (metadata === undefined || !found.has("disk")) throw badBox("it has no metadata.json or no box.img");
  return { metadata };
}

async function take(
  entry: Entry,
  found: Map<BoxPart, string>,
  diskPath: string,
  signal: AbortSignal,
): Promise<void> {
  const { name, type, size = 0 } = entry.header;
  const part = judgeEntry({ name, type, size });
  if (part === "metadata" || part === "disk") {
    if (found.has(part)) throw badBox("it holds more than one disk or description");
    found.set(part, "");
  }
  if (part === "disk") return pipeline(entry, createWriteStream(diskPath, { mode: 0o600 }), { signal });
  const text = await textOf(entry);
  if (part === "metadata") found.set(part, text);
}

async function textOf(entry: Entry): Promise<string> {
  let text = "";
  entry.setEncoding("utf8");
  for await (const chunk of entry) {
    text += String(chunk);
    if (text.length > TEXT_LIMIT_BYTES) throw badBox("a description in it is over 64 KiB");
  }
  return text;
}

/** A few kilobytes can unpack to more than the disk holds. */
function limited(limitBytes: number, onFault: (fault: AppError) => void): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size <= limitBytes) return done(null, chunk);
      const fault = badBox("it unpacks to more than such a file can hold");
      onFault(fault);
      done(fault);
    },
  });
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

/** The folder of uploads: random names, readable by the server alone, and emptied when nobody came for one. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { open, rename, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { uploadId } from "#protocol";
import { DAY_MS } from "../../core/daily.ts";
import { AppError } from "../../core/errors.ts";
import type { IncomingFile, UploadSink } from "../../core/uploads.ts";

/** Left on the disk after an upload, which is unpacked and moved beside itself. */
const RESERVE_BYTES = 1024 ** 3;

export class UploadStore implements UploadSink {
  readonly #dir: string;
  readonly maxBytes: number;

  constructor(vmsDir: string, maxBytes: number) {
    this.#dir = join(vmsDir, ".uploads");
    this.maxBytes = maxBytes;
  }

  async begin(sizeBytes: number): Promise<IncomingFile> {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    const { bavail, bsize } = await statfs(this.#dir);
    if (bavail * bsize < sizeBytes + RESERVE_BYTES)
      throw new AppError("host_full", "The host's disk has not enough room left for this file");
    const id = randomBytes(16).toString("hex");
    const part = join(this.#dir, `${id}.part`);
    const file = await open(part, "wx", 0o600);
    const close = async () => file.close().catch(() => {});
    return {
      id,
      async write(bytes) {
        // A write may take less than it was given.
        for (let done = 0; done < bytes.length;)
          done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
      },
      commit: async () => {
        await file.sync();
        await close();
        await rename(part, this.#path(id));
      },
      discard: async () => {
        await close();
        await rm(part, { force: true });
        await rm(this.#path(id), { force: true });
      },
    };
  }

  /** The path of a whole upload; null for an id that is none of ours. */
  find(id: string): string | null {
    if (!uploadId.safeParse(id).success) return null;
    const path = this.#path(id);
    return existsSync(path) ? path : null;
  }

  /** Where the work on an upload may write; removed with it. */
  workDir(id: string): string {
    return join(this.#dir, `${id}.work`);
  }

  async remove(id: string): Promise<void> {
    await rm(this.#path(id), { force: true });
  }

  async clearWork(id: string): Promise<void> {
    await rm(this.workDir(id), { recursive: true, force: true });
  }

  /** Removes what is older than a day; gives how many. At a start (`all`) also what a crash has left half done. */
  prune(nowMs: number, all = false): number {
    if (!existsSync(this.#dir)) return 0;
    const isOver = (name: string): boolean =>
      (all && !name.endsWith(".box")) ||
      nowMs - (statSync(join(this.#dir, name), { throwIfNoEntry: false })?.mtimeMs ?? nowMs) > DAY_MS;
    const over = readdirSync(this.#dir).filter(isOver);
    for (const name of over) rmSync(join(this.#dir, name), { recursive: true, force: true });
    return over.length;
  }

  #path(id: string): string {
    return join(this.#dir, `${id}.box`);
  }
}

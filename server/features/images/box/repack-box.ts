/** Makes a box of ours from an uploaded one: its disk, and nothing else that could act on this host. */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pack, type Pack } from "tar-stream";
import type { JobRun } from "../../../core/jobs.ts";
import { badBox, checkMetadata } from "./box-rules.ts";
import { HEADER_BYTES, judgeQcow2 } from "./qcow2-header.ts";
import { unpackBox } from "./unpack-box.ts";

export interface RepackRequest {
  readonly path: string;
  /** Made here; the caller removes it. */
  readonly workDir: string;
  /** As given for the image: its disk must fit a VM of this size. */
  readonly maxDiskGb: number;
  readonly run: JobRun;
}

/** A Vagrantfile is Ruby that runs on this host, so the box gets this one in place of its own. */
const VAGRANTFILE = 'Vagrant.configure("2") { |_config| }\n';

/** Gives the path of the new archive. Throws `invalid_input` that says what is wrong with the file. */
export async function repackBox({ path, workDir, maxDiskGb, run }: RepackRequest): Promise<string> {
  await rm(workDir, { recursive: true, force: true });
  await mkdir(workDir, { recursive: true, mode: 0o700 });
  const disk = join(workDir, "box.img");
  run.step("Checking the file", 0.05);
  const { metadata } = await unpackBox(path, disk, run.signal);
  checkMetadata(metadata);
  const virtualGb = await diskSize(disk);
  if (virtualGb > maxDiskGb)
    throw badBox(`its disk has ${virtualGb} GB, so minDiskGb must be at least that and at most 50`);
  run.output("info", `One qcow2 disk of ${virtualGb} GB; the box's own Vagrantfile is left out`);
  run.step("Packing it anew", 0.4);
  const box = join(workDir, "checked.box");
  await packBox(box, disk, virtualGb, run.signal);
  await rm(disk);
  return box;
}

async function diskSize(disk: string): Promise<number> {
  const file = await open(disk);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    const verdict = judgeQcow2(buffer.subarray(0, bytesRead));
    if (!verdict.ok) throw badBox(verdict.reason);
    return verdict.virtualGb;
  } finally {
    await file.close();
  }
}

async function packBox(box: string, disk: string, virtualGb: number, signal: AbortSignal): Promise<void> {
  const archive = pack();
  const writing = pipeline(archive, createWriteStream(box, { mode: 0o600 }), { signal });
  writing.catch(() => {});
  const metadata = JSON.stringify({ provider: "libvirt", format: "qcow2", virtual_size: virtualGb });
  archive.entry({ name: "metadata.json" }, `${metadata}\n`);
  archive.entry({ name: "Vagrantfile" }, VAGRANTFILE);
  await addFile(archive, "box.img", disk, signal);
  archive.finalize();
  await writing;
}

async function addFile(archive: Pack, name: string, path: string, signal: AbortSignal): Promise<void> {
  const { size } = await stat(path);
  await pipeline(createReadStream(path), archive.entry({ name, size }), { signal });
}

/** `.box` files as tests need them: good ones, and every kind of bad one. */
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Pack, pack } from "tar-stream";

type Headers = Parameters<Pack["entry"]>[0];

export interface Member {
  readonly header: Headers;
  readonly bytes: Buffer;
}

const VAGRANTFILE = 'system("touch /tmp/owned")\nVagrant.configure("2") { |c| }\n';

export const member = {
  file: (name: string, bytes: Uint8Array | string): Member => ({
    header: { name },
    bytes: Buffer.from(bytes),
  }),
  link: (name: string, linkname: string, type: "symlink" | "link" = "symlink"): Member => ({
    header: { name, type, linkname },
    bytes: Buffer.alloc(0),
  }),
  of: (header: Headers): Member => ({ header, bytes: Buffer.alloc(0) }),
  metadata: (fields: object = { provider: "libvirt", format: "qcow2", virtual_size: 2 }): Member =>
    member.file("metadata.json", JSON.stringify(fields)),
  usual: (): Member[] => [member.metadata(), member.file("Vagrantfile", VAGRANTFILE)],
};

export async function tarFile(members: readonly Member[]): Promise<Buffer> {
  const archive = pack();
  for (const { header, bytes } of members) archive.entry(header, bytes);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

export async function boxFile(members: readonly Member[]): Promise<Buffer> {
  return Buffer.from(Bun.gzipSync(new Uint8Array(await tarFile(members))));
}

/** A disk as qemu-img makes it. */
export async function disk(args: readonly string[]): Promise<Buffer> {
  const dir = mkdtempSync(join(tmpdir(), "twarga-disk-"));
  try {
    const file = join(dir, "disk.img");
    const { exitCode, stderr } = Bun.spawnSync(
      ["qemu-img", "create", "-q", ...args.slice(0, -1), file, ...args.slice(-1)],
      {
        cwd: dir,
        env: process.env,
      },
    );
    if (exitCode !== 0) throw new Error(stderr.toString());
    return await readFile(file);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

export const goodDisk = (sizeGb: number): Promise<Buffer> => disk(["-f", "qcow2", `${sizeGb}G`]);

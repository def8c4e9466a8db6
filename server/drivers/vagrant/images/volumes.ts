/** Files in libvirt's pool: QEMU runs as its own user and can read nothing else of ours. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { childEnvironment } from "../../../core/child-environment.ts";
import type { Virsh } from "../../virsh/virsh.ts";
import { POOL } from "../storage-and-network.ts";

/** Ten seconds a gigabyte on a slow disk, and then some. */
const READ_TIMEOUT_MS = 120_000;

/** The volume that vagrant-libvirt takes as the base of a machine's disk. */
export const baseVolume = (escapedBox: string, version: string): string =>
  `${escapedBox}_vagrant_box_image_${version}_box.img`;

export interface VolumeFile {
  readonly volume: string;
  readonly file: string;
  readonly format: "raw" | "qcow2";
}

/**
 * The path of a volume with the content of the file. What is there is read byte by byte: an upload may have been
 * cut off by a crash, and vagrant-libvirt would use the half of it for ever after.
 */
export async function ensureVolume(virsh: Virsh, { volume, file, format }: VolumeFile): Promise<string> {
  const existing = await virsh.ask("vol-path", "--pool", POOL, volume);
  if (existing.ok && (await isSameContent(virsh, volume, file))) return existing.stdout.trim();
  if (!existing.ok) {
    const { size } = await stat(file);
    await virsh.run("vol-create-as", POOL, volume, String(size), "--format", format);
  }
  await virsh.run("vol-upload", "--pool", POOL, volume, file);
  return (await virsh.run("vol-path", "--pool", POOL, volume)).trim();
}

async function isSameContent(virsh: Virsh, volume: string, file: string): Promise<boolean> {
  const child = Bun.spawn(virsh.argv("vol-download", "--pool", POOL, volume, "/dev/stdout"), {
    env: childEnvironment(),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    timeout: READ_TIMEOUT_MS,
  });
  const found = createHash("sha256");
  for await (const bytes of child.stdout) found.update(bytes);
  if ((await child.exited) !== 0) return false;
  const wanted = createHash("sha256");
  for await (const bytes of createReadStream(file)) wanted.update(bytes);
  return found.digest("hex") === wanted.digest("hex");
}

/** Removes volumes of a box that no disk lies on; one of another installation on this host may. */
export async function removeVolumes(virsh: Virsh, box: string): Promise<void> {
  const listed = await virsh.ask("vol-list", POOL);
  const names = listed.stdout.split("\n").map((line) => line.trim().split(/\s+/)[0] ?? "");
  const mine = names.filter((name) => name.startsWith(`${box}_vagrant_box_image_`) || isBootFile(name, box));
  if (mine.length === 0) return;
  const used = await inUse(
    virsh,
    names.filter((name) => name !== "" && !mine.includes(name)),
  );
  for (const volume of mine.filter((name) => !used.includes(`/${name}`)))
    await virsh.ask("vol-delete", "--pool", POOL, volume);
}

const isBootFile = (name: string, box: string) => name === `${box}-vmlinuz` || name === `${box}-initrd`;

/** Every path that another volume or a machine of the host names, as one text. */
async function inUse(virsh: Virsh, others: readonly string[]): Promise<string> {
  const disks = others.map((name) => virsh.ask("vol-dumpxml", "--pool", POOL, name));
  const uuids = (await virsh.ask("list", "--all", "--uuid")).stdout.split("\n").filter((line) => line !== "");
  const machines = uuids.map((uuid) => virsh.ask("dumpxml", uuid));
  const backing = /<backingStore>[\s\S]*?<\/backingStore>/g;
  return [
    ...(await Promise.all(disks)).map(({ stdout }) => (stdout.match(backing) ?? []).join("\n")),
    ...(await Promise.all(machines)).map(({ stdout }) => stdout),
  ].join("\n");
}

/** Brings the offline lab box to where Vagrant and QEMU find it: a Vagrant box, a base volume, a kernel, an initrd. */
import { createHash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { childEnvironment } from "../../core/child-environment.ts";
import { AppError } from "../../core/errors.ts";
import type { Virsh } from "../virsh/virsh.ts";
import type { DriverRun } from "../vm-driver.ts";
import { runVagrant, type VagrantPlace } from "./run-vagrant.ts";
import { ensureStorageAndNetwork, POOL } from "./storage-and-network.ts";

/** The box is named by its content, so its version never changes. */
const BOX_VERSION = "1.0.0";

export const labBoxHint = "Build it with `npm run box`.";

export interface InstalledBox {
  readonly name: string;
  readonly kernelPath: string;
  readonly initrdPath: string;
}

/** The content hash of the box that build.sh made; null when there is none. */
export async function builtBox(boxDir: string): Promise<string | null> {
  const hash = (await readFile(join(boxDir, "version"), "utf8").catch(() => "")).trim();
  return /^[0-9a-f]{12}$/.test(hash) ? hash : null;
}

/** Safe to call before every boot: what is in place already costs a few looks. Not safe to call twice at once. */
export async function installLabBox(
  boxDir: string,
  place: VagrantPlace,
  virsh: Virsh,
  run: DriverRun,
): Promise<InstalledBox> {
  const hash = await builtBox(boxDir);
  if (hash === null)
    throw new AppError("driver_failed", `The lab box is not built. ${labBoxHint}`, { detail: boxDir });
  const name = `twarga-lab-${hash}`;
  await ensureStorageAndNetwork(virsh);
  await ensureBaseVolume(virsh, name);
  const kernelPath = await ensureFileVolume(virsh, `${name}-vmlinuz`, join(boxDir, "vmlinuz"));
  const initrdPath = await ensureFileVolume(virsh, `${name}-initrd`, join(boxDir, "initrd"));
  await ensureVagrantBox(name, boxDir, place, run);
  return { name, kernelPath, initrdPath };
}

/**
 * vagrant-libvirt would upload the box's disk itself, and use a half-uploaded one for ever after when that was cut off.
 * The disk is blank, so an empty volume of its name is the same thing, whole from the start.
 */
async function ensureBaseVolume(virsh: Virsh, box: string): Promise<void> {
  const volume = `${box}_vagrant_box_image_${BOX_VERSION}_box.img`;
  if ((await virsh.ask("vol-path", "--pool", POOL, volume)).ok) return;
  await virsh.run("vol-create-as", POOL, volume, "1G", "--format", "qcow2");
}

/** QEMU runs as its own user and cannot read our folders, so the files go where libvirt keeps disks. */
async function ensureFileVolume(virsh: Virsh, volume: string, file: string): Promise<string> {
  const existing = await virsh.ask("vol-path", "--pool", POOL, volume);
  // Looked at byte by byte, once per server: an upload may have been cut off by a crash.
  if (existing.ok && (await isSameContent(virsh, volume, file))) return existing.stdout.trim();
  if (!existing.ok) {
    const { size } = await stat(file);
    await virsh.run("vol-create-as", POOL, volume, String(size), "--format", "raw");
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
    timeout: 15_000,
  });
  const hash = createHash("sha256");
  for await (const bytes of child.stdout) hash.update(bytes);
  if ((await child.exited) !== 0) return false;
  const wanted = createHash("sha256").update(await readFile(file));
  return hash.digest("hex") === wanted.digest("hex");
}

async function ensureVagrantBox(
  name: string,
  boxDir: string,
  place: VagrantPlace,
  run: DriverRun,
): Promise<void> {
  const installed = join(place.vagrantHome, "boxes", name, BOX_VERSION, "libvirt", "metadata.json");
  if (await Bun.file(installed).exists()) return;
  run.step("Adding the lab box to Vagrant", 0.05);
  const description = join(place.vagrantHome, `${name}.json`);
  const url = Bun.pathToFileURL(join(boxDir, "lab.box")).href;
  const versions = [{ version: BOX_VERSION, providers: [{ name: "libvirt", url }] }];
  await writeFile(description, JSON.stringify({ name, versions }));
  await runVagrant(
    place,
    place.vagrantHome,
    ["box", "add", "--force", "--provider", "libvirt", description],
    run,
  );
}

/** Brings a box to where Vagrant and QEMU find it, before every boot: what is in place costs a few looks. */
import { join } from "node:path";
import { AppError } from "../../../core/errors.ts";
import type { Virsh } from "../../virsh/virsh.ts";
import type { DriverRun, ImageRef } from "../../vm-driver.ts";
import { installLabBox } from "../lab-box.ts";
import type { VagrantPlace } from "../run-vagrant.ts";
import { ensureStorageAndNetwork } from "../storage-and-network.ts";
import { addFileBox } from "./add-box.ts";
import { type BoxFolder, escapedName, findBox } from "./box-folder.ts";
import type { InstalledBox } from "./installed-box.ts";
import { type Build, buildOf, recipeOf } from "./recipes.ts";
import { baseVolume, ensureVolume } from "./volumes.ts";

export interface InstallerOptions {
  readonly vmsDir: string;
  readonly labBoxDir: string;
  readonly place: VagrantPlace;
  readonly virsh: Virsh;
  /** With time enough for whole disks. */
  readonly volumes: Virsh;
}

/** The console is where the output of a guest that does not come up is seen. */
const KERNEL_ARGUMENTS = "console=ttyS0 quiet";

export type Install = (image: ImageRef, run: DriverRun) => Promise<InstalledBox>;

export function createInstaller(options: InstallerOptions): Install {
  /** By image: what was installed last, and of which build or version. */
  const done = new Map<string, { readonly key: string; readonly box: InstalledBox }>();

  return async (image, run) => {
    const found = await find(options, image);
    const known = done.get(image.id);
    if (known?.key === found.key) return known.box;
    const box = await install(options, image, found, run);
    done.set(image.id, { key: found.key, box });
    return box;
  };
}

type Found =
  | { readonly key: string; readonly build: Build; readonly folder: null }
  | { readonly key: string; readonly build: null; readonly folder: BoxFolder };

async function find(options: InstallerOptions, image: ImageRef): Promise<Found> {
  const recipe = recipeOf(image.id, options);
  const build = recipe && (await buildOf(image.id, recipe));
  if (build !== null) return { key: build.hash, build, folder: null };
  const folder = recipe === null ? await findBox(options.place.vagrantHome, image.box) : null;
  if (folder !== null) return { key: `${image.box} ${folder.version}`, build: null, folder };
  const words = `The image ${image.id} is not on this host; an administrator can prepare it`;
  throw new AppError("driver_failed", words, { detail: image.box });
}

async function install(
  options: InstallerOptions,
  image: ImageRef,
  { build, folder }: Found,
  run: DriverRun,
): Promise<InstalledBox> {
  if (image.id === "lab") return installLab(options, image, run);
  await ensureStorageAndNetwork(options.virsh);
  if (folder !== null) {
    await ensureBase(options, image.box, folder, run);
    return {
      name: image.box,
      sshUser: image.sshUser,
      sshShell: "bash -l",
      kernel: null,
      firstKey: "insecure-key",
    };
  }
  return installBuild(options, image, build, run);
}

async function installLab(options: InstallerOptions, image: ImageRef, run: DriverRun): Promise<InstalledBox> {
  const { labBoxDir, place, virsh } = options;
  const { name, kernelPath, initrdPath } = await installLabBox(labBoxDir, place, virsh, run);
  const kernel = { kernelPath, initrdPath, arguments: KERNEL_ARGUMENTS };
  return { name, sshUser: image.sshUser, sshShell: "sh", kernel, firstKey: "kernel-command-line" };
}

async function installBuild(
  options: InstallerOptions,
  image: ImageRef,
  build: Build,
  run: DriverRun,
): Promise<InstalledBox> {
  const { place, volumes } = options;
  const name = `${image.box}-${build.hash}`;
  run.step("Adding the box to Vagrant", 0.03);
  if ((await findBox(place.vagrantHome, name)) === null) await addFileBox(name, build.boxFile, place, run);
  const folder = await findBox(place.vagrantHome, name);
  if (folder === null) throw new AppError("driver_failed", "Vagrant has not kept the box it was given");
  await ensureBase(options, name, folder, run);
  const fileVolume = (part: string) =>
    ensureVolume(volumes, { volume: `${name}-${part}`, file: join(folder.path, part), format: "raw" });
  const kernelPath = await fileVolume("vmlinuz");
  const initrdPath = await fileVolume("initrd");
  const kernel = { kernelPath, initrdPath, arguments: KERNEL_ARGUMENTS };
  return { name, sshUser: image.sshUser, sshShell: "bash -l", kernel, firstKey: "kernel-command-line" };
}

/** vagrant-libvirt would upload the disk itself, and go on with half of it after that was cut off. */
async function ensureBase(
  { volumes }: InstallerOptions,
  box: string,
  folder: BoxFolder,
  run: DriverRun,
): Promise<void> {
  run.step("Bringing the disk of the image to libvirt", 0.06);
  const volume = baseVolume(escapedName(box), folder.version);
  await ensureVolume(volumes, { volume, file: join(folder.path, "box.img"), format: "qcow2" });
}

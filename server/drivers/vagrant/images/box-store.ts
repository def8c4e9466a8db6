/** The images of a host as the driver sees them: which are there, how they come and go, and what `vagrant up` needs of one. */
import { rm } from "node:fs/promises";
import PQueue from "p-queue";
import { AppError } from "../../../core/errors.ts";
import { createVirsh, type Virsh } from "../../virsh/virsh.ts";
import type { DriverImage, DriverRun, ImageOrigin, ImageRef } from "../../vm-driver.ts";
import type { VagrantPlace } from "../run-vagrant.ts";
import { addFileBox, addRegistryBox, removeBox } from "./add-box.ts";
import { entriesOf, findBox, sizeOf } from "./box-folder.ts";
import { checkImportedDisk } from "./imported-disk.ts";
import type { InstalledBox } from "./installed-box.ts";
import { createInstaller } from "./install-box.ts";
import { buildOf, recipeOf, runRecipe } from "./recipes.ts";
import { removeVolumes } from "./volumes.ts";

export interface BoxStoreOptions {
  /** `TWARGA_HOME/vms`. */
  readonly vmsDir: string;
  /** Where the lab box's build leaves its files. */
  readonly labBoxDir: string;
  readonly place: VagrantPlace;
  readonly virsh: Virsh;
}

export interface BoxStore {
  images(wanted: readonly ImageRef[]): Promise<readonly DriverImage[]>;
  addImage(image: ImageRef, origin: ImageOrigin, run: DriverRun): Promise<void>;
  removeImage(image: ImageRef, run: DriverRun): Promise<void>;
  /** Brings a box that is available to where Vagrant and QEMU find it. One at a time; repeated calls cost a few looks. */
  prepareBox(image: ImageRef, run: DriverRun): Promise<InstalledBox>;
}

/** A box of a gigabyte on a slow disk. */
const VOLUME_TIMEOUT_MS = 180_000;
/** As the catalogue names boxes that came as files. */
const FILE_BOX = /^twarga-file-/;

export function createBoxStore(options: BoxStoreOptions): BoxStore {
  const { place } = options;
  const volumes = createVirsh(options.virsh.uri, VOLUME_TIMEOUT_MS);
  const install = createInstaller({ ...options, volumes });
  // Two at once would race for the same volume or box.
  const oneByOne = new PQueue({ concurrency: 1 });

  return {
    images: (wanted) => Promise.all(wanted.map((image) => lookAt(options, image))),

    async addImage(image, origin, run) {
      switch (origin.kind) {
        case "build": {
          const recipe = recipeOf(image.id, options);
          if (recipe === null)
            throw new AppError("unsupported", `There is no recipe to build the image ${image.id} by`);
          return runRecipe(image, recipe, place, run);
        }
        case "registry":
          if ((await findBox(place.vagrantHome, image.box)) === null)
            await addRegistryBox(image.box, place, run);
          return;
        case "file":
          return addUploaded(image, origin.path, place, run);
        default:
          return origin satisfies never;
      }
    },

    async removeImage(image, run) {
      run.step("Removing the box", 0.1);
      const recipe = recipeOf(image.id, options);
      // Its builds belong to the project, which other installations may share.
      if (recipe !== null && image.id !== "lab") await rm(recipe.outDir, { recursive: true, force: true });
      for (const name of await namesOf(options, image)) {
        await removeBox(name, place);
        await removeVolumes(volumes, name.replaceAll("/", "-VAGRANTSLASH-"));
      }
    },

    async prepareBox(image, run) {
      return oneByOne.add(() => install(image, run));
    },
  };
}

async function lookAt(options: BoxStoreOptions, image: ImageRef): Promise<DriverImage> {
  const recipe = recipeOf(image.id, options);
  if (recipe !== null) {
    const build = await buildOf(image.id, recipe);
    const command = image.id === "lab" ? "npm run box" : `twarga image build ${image.id}`;
    const hint = build === null ? `Build it with \`${command}\`.` : null;
    return { id: image.id, available: build !== null, sizeBytes: build?.sizeBytes ?? null, hint };
  }
  const box = await findBox(options.place.vagrantHome, image.box);
  if (box !== null) return { id: image.id, available: true, sizeBytes: await sizeOf(box.path), hint: null };
  const hint = FILE_BOX.test(image.box)
    ? "Its box is gone; import it again."
    : `Needs the internet: fetch it with \`twarga image fetch ${image.id}\`.`;
  return { id: image.id, available: false, sizeBytes: null, hint };
}

async function addUploaded(
  image: ImageRef,
  path: string,
  place: VagrantPlace,
  run: DriverRun,
): Promise<void> {
  run.step("Adding the box to Vagrant", 0.7);
  try {
    await addFileBox(image.box, path, place, run);
    const box = await findBox(place.vagrantHome, image.box);
    if (box === null) throw new AppError("driver_failed", "Vagrant has not kept the box it was given");
    await checkImportedDisk(box.path);
  } catch (error) {
    await removeBox(image.box, place);
    throw error;
  }
}

/** Builds carry their content in their name, and earlier ones may still be there. */
async function namesOf({ place, ...options }: BoxStoreOptions, image: ImageRef): Promise<readonly string[]> {
  if (recipeOf(image.id, options) === null) return [image.box];
  const builds = new RegExp(`^${image.box.replaceAll(".", "\\.")}-[0-9a-f]{12}$`);
  return (await entriesOf(`${place.vagrantHome}/boxes`)).filter((name) => builds.test(name));
}

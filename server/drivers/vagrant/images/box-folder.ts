/** Boxes as Vagrant keeps them on this host: which there are, where, and how large. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

export interface BoxFolder {
  readonly version: string;
  readonly path: string;
}

/** As Vagrant writes the name of a box in paths, and vagrant-libvirt in volumes. */
export const escapedName = (name: string): string => name.replaceAll("/", "-VAGRANTSLASH-");

/** The newest version that is there for libvirt; null when there is none. */
export async function findBox(vagrantHome: string, name: string): Promise<BoxFolder | null> {
  const base = join(vagrantHome, "boxes", escapedName(name));
  const versions = (await entriesOf(base)).toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));
  for (const version of versions) {
    const path = await libvirtFolder(join(base, version));
    if (path !== null) return { version, path };
  }
  return null;
}

/** Vagrant 2.4 has a folder for the architecture in between. */
async function libvirtFolder(version: string): Promise<string | null> {
  const places = ["libvirt", ...(await entriesOf(version)).map((name) => join(name, "libvirt"))];
  for (const place of places) {
    const path = join(version, place);
    if (await Bun.file(join(path, "metadata.json")).exists()) return path;
  }
  return null;
}

/** Bytes on the disk of the files right in a folder. */
export async function sizeOf(folder: string): Promise<number> {
  const sizes = (await entriesOf(folder)).map((name) =>
    stat(join(folder, name)).then(
      (facts) => (facts.isFile() ? facts.blocks * 512 : 0),
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

export const entriesOf = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

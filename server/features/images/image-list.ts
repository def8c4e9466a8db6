/** The catalogue with the driver's word on each image, asked at most every few seconds. */
import type { ImageView } from "#protocol";
import type { Clock } from "../../core/clock.ts";
import type { DriverImage, VmDriver } from "../../drivers/vm-driver.ts";
import { type CatalogueEntry, catalogue } from "./catalogue.ts";

/** A driver may have to ask a program; a page that lists images must not start one per click. */
const FRESH_MS = 5_000;

export function createImageList(driver: VmDriver, clock: Clock): () => Promise<readonly ImageView[]> {
  let asked: { readonly atMs: number; readonly images: Promise<readonly ImageView[]> } | null = null;

  async function ask(): Promise<readonly ImageView[]> {
    const known = await driver.images(catalogue.map(({ id, box, sshUser }) => ({ id, box, sshUser })));
    return catalogue.map((entry) => withAvailability(entry, known));
  }

  return () => {
    const nowMs = clock.now();
    if (asked && nowMs - asked.atMs < FRESH_MS && nowMs >= asked.atMs) return asked.images;
    const images = ask();
    const mine = { atMs: nowMs, images };
    asked = mine;
    // A failed question is not an answer to keep.
    images.catch(() => {
      if (asked === mine) asked = null;
    });
    return images;
  };
}

function withAvailability(entry: CatalogueEntry, known: readonly DriverImage[]): ImageView {
  const found = known.find(({ id }) => id === entry.id);
  if (!found) return { ...entry, available: false, hint: "The driver in use cannot boot it" };
  return { ...entry, available: found.available, hint: found.hint };
}

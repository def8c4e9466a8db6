/** The image catalogue by family, and what a card says of an image; pure. */
import type { ImageView } from "#protocol";
import { vmSizes } from "#protocol";
import { formatBytes } from "../../../shared/charts/units.ts";

const families = [
  ["linux", "Small Linux"],
  ["debian", "Debian"],
  ["ubuntu", "Ubuntu"],
  ["rhel", "Red Hat family"],
  ["alpine", "Alpine"],
] as const satisfies readonly (readonly [ImageView["family"], string])[];

export interface ImageGroup {
  readonly label: string;
  readonly images: readonly ImageView[];
}

/** In a steady order; families without images are left out, and images that can be used come first. */
export function imageGroups(images: readonly ImageView[]): readonly ImageGroup[] {
  return families
    .map(([family, label]) => ({
      label,
      images: images
        .filter((image) => image.family === family)
        .toSorted((a, b) => Number(b.available) - Number(a.available)),
    }))
    .filter(({ images: found }) => found.length > 0);
}

const stateWords: Record<ImageView["state"], string> = {
  available: "Ready",
  missing: "Not built yet",
  needs_internet: "Needs internet",
  working: "Being prepared",
};

/** What somebody who chooses wants to know, in a few words. */
export function imageFacts(image: ImageView): string {
  const facts = [
    image.available ? null : stateWords[image.state],
    image.sizeBytes === null ? null : formatBytes(image.sizeBytes),
    `from ${image.minRamMb} MB memory`,
    image.minDiskGb > vmSizes.diskGb.min ? `${image.minDiskGb} GB disk` : null,
    image.hidden ? "hidden from users" : null,
  ];
  return facts.filter((fact) => fact !== null).join(" · ");
}

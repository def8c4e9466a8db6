/** Images as a table. */
import type { ImageView } from "#protocol";
import { tableOr } from "../cli-context.ts";
import { formatBytes, printable } from "../format.ts";

const states = {
  available: "available",
  missing: "missing",
  needs_internet: "needs internet",
  working: "working",
} as const satisfies Record<ImageView["state"], string>;

export function imageTable(images: readonly ImageView[]): string {
  return tableOr(
    "The catalogue is empty",
    ["ID", "NAME", "STATE", "MIN", "SIZE", "VMS", "DESCRIPTION"],
    images.map((image) => [
      image.id,
      printable(image.name),
      states[image.state] + (image.hidden ? ", hidden" : ""),
      `${image.minRamMb} MB, ${image.minDiskGb} GB`,
      image.sizeBytes === null ? "-" : formatBytes(image.sizeBytes),
      String(image.vmCount),
      printable(image.available ? image.description : (image.hint ?? image.description)),
    ]),
  );
}

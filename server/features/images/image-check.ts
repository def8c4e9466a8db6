/** Pure: may a VM of this size be made from this image by somebody of this role? */
import type { ImageView, Role, VmSpec } from "#protocol";
import { AppError } from "../../core/errors.ts";

export type CheckedSpec = Pick<VmSpec, "image" | "ramMb" | "diskGb">;

/** The image, or `invalid_input` that names the field at fault and what is allowed. */
export function checkImage(images: readonly ImageView[], spec: CheckedSpec, role: Role): ImageView {
  // A hidden image is answered as if it were not there.
  const offered = images.filter(({ hidden }) => !hidden || role === "admin");
  const image = offered.find(({ id }) => id === spec.image);
  const allowed = offered.filter(({ available }) => available).map(({ id }) => id);
  const allowedWords = allowed.length > 0 ? `allowed: ${allowed.join(", ")}` : "none can be booted here yet";

  if (!image) throw refused("image", `There is no image ${spec.image}; ${allowedWords}`);
  if (!image.available) {
    const hint = image.hint === null ? "" : ` ${image.hint}`;
    throw refused("image", `The image ${image.id} is not available here; ${allowedWords}.${hint}`);
  }
  if (spec.ramMb < image.minRamMb)
    throw refused("ramMb", `The image ${image.id} needs at least ${image.minRamMb} MB of memory`);
  if (spec.diskGb < image.minDiskGb)
    throw refused("diskGb", `The image ${image.id} needs at least ${image.minDiskGb} GB of disk`);
  return image;
}

function refused(field: keyof CheckedSpec, message: string): AppError {
  return new AppError("invalid_input", message, { field });
}

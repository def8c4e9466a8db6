/** Pure: may a VM of this size be made from this image? */
import type { ImageView, VmSpec } from "#protocol";
import { AppError } from "../../core/errors.ts";

/** The image, or `invalid_input` that names the field at fault and what is allowed. */
export function checkImage(images: readonly ImageView[], spec: Pick<VmSpec, "image" | "ramMb">): ImageView {
  const image = images.find(({ id }) => id === spec.image);
  const allowed = images.filter(({ available }) => available).map(({ id }) => id);
  const allowedWords = allowed.length > 0 ? `allowed: ${allowed.join(", ")}` : "none can be booted here yet";

  if (!image)
    throw new AppError("invalid_input", `There is no image ${spec.image}; ${allowedWords}`, {
      field: "image",
    });
  if (!image.available) {
    const hint = image.hint === null ? "" : ` ${image.hint}`;
    const message = `The image ${image.id} is not available here; ${allowedWords}.${hint}`;
    throw new AppError("invalid_input", message, { field: "image" });
  }
  if (spec.ramMb < image.minRamMb) {
    const message = `The image ${image.id} needs at least ${image.minRamMb} MB of memory`;
    throw new AppError("invalid_input", message, { field: "ramMb" });
  }
  return image;
}

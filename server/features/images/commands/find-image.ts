/** Finds what a command is about. */
import type { ImageView } from "#protocol";
import { AppError } from "../../../core/errors.ts";
import type { Catalogue } from "../catalogue.ts";
import type { ImageRepo, ImageRow } from "../image-repo.ts";

/** Throws `not_found`. */
export function rowOf(repo: ImageRepo, id: string): ImageRow {
  const row = repo.find(id);
  if (!row) throw new AppError("not_found", `There is no image ${id}`);
  return row;
}

/** The image as it is shown now. */
export async function shown(catalogue: Catalogue, id: string): Promise<ImageView> {
  const view = (await catalogue.list()).find((image) => image.id === id);
  if (!view) throw new AppError("not_found", `There is no image ${id}`);
  return view;
}

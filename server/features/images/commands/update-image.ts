/** `image.update`: its words, its least size, and whether users are offered it. VMs that exist are not touched. */
import { defineCommand } from "../../../core/command.ts";
import type { ImageCommandDeps } from "../deps.ts";
import type { ImageChange } from "../image-repo.ts";
import { rowOf, shown } from "./find-image.ts";

export const updateImage = defineCommand("image.update", async (input, _caller, deps: ImageCommandDeps) => {
  const { imageId: id, ...asked } = input;
  rowOf(deps.repo, id);
  const change: ImageChange = Object.fromEntries(
    Object.entries(asked).filter(([, value]) => value !== undefined),
  );
  deps.repo.update(id, change);
  deps.catalogue.publish();
  return { image: await shown(deps.catalogue, id) };
});

/** `image.add`: a box of a registry joins the catalogue; it is fetched when somebody asks for it. */
import { defineCommand } from "../../../core/command.ts";
import type { ImageCommandDeps } from "../deps.ts";
import { shown } from "./find-image.ts";

export const addImage = defineCommand("image.add", async (input, _caller, deps: ImageCommandDeps) => {
  const { imageId: id, ...fields } = input;
  deps.repo.insert({ id, ...fields, source: "registry", createdAtMs: deps.clock.now() });
  await deps.catalogue.renew();
  return { image: await shown(deps.catalogue, id) };
});

/** `image.list`: the catalogue; hidden images are for administrators. */
import { defineCommand } from "../../../core/command.ts";
import type { ImageCommandDeps } from "../deps.ts";

export const listImages = defineCommand(
  "image.list",
  async (_input, { session }, { catalogue }: ImageCommandDeps) => {
    const images = await catalogue.list();
    return { images: images.filter(({ hidden }) => !hidden || session.role === "admin") };
  },
);

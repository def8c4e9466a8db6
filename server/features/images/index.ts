/** Front door of the images feature. */
import type { ImageView, VmSpec } from "#protocol";
import type { Clock } from "../../core/clock.ts";
import { defineCommand } from "../../core/command.ts";
import type { Feature } from "../../core/feature.ts";
import type { VmDriver } from "../../drivers/vm-driver.ts";
import { checkImage } from "./image-check.ts";
import { createImageList } from "./image-list.ts";

export interface ImageDeps {
  readonly driver: VmDriver;
  readonly clock: Clock;
}

export interface ImageFeature extends Feature {
  /** Throws `invalid_input` when a VM like this cannot be made from its image here. */
  check(spec: Pick<VmSpec, "image" | "ramMb">): Promise<ImageView>;
}

interface ListDeps {
  readonly list: () => Promise<readonly ImageView[]>;
}

export const listImages = defineCommand("image.list", async (_input, _caller, { list }: ListDeps) => ({
  images: [...(await list())],
}));

export function createImageFeature({ driver, clock }: ImageDeps): ImageFeature {
  const list = createImageList(driver, clock);
  return {
    commands: [listImages.bind({ list })],
    topics: [],
    check: async (spec) => checkImage(await list(), spec),
    dispose() {},
  };
}

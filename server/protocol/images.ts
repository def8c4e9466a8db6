/** Images a VM can be made from. */
import { z } from "zod";
import { command } from "./command-spec.ts";

export const imageId = z
  .string("the id of an image of the catalogue")
  .regex(/^[a-z][a-z0-9.-]{0,62}$/, "the id of an image of the catalogue")
  .meta({ examples: ["lab"] });

export const imageView = z.object({
  id: imageId,
  name: z.string(),
  description: z.string(),
  family: z.string(),
  minRamMb: z.int(),
  /** False when the image must be built or fetched first; `hint` says how. */
  available: z.boolean(),
  hint: z.string().nullable(),
});
export type ImageView = z.infer<typeof imageView>;

export const imageCommands = {
  "image.list": command({
    summary: "The image catalogue",
    access: "user",
    effect: "read",
    input: z.strictObject({}),
    output: z.object({ images: z.array(imageView) }),
    rest: { method: "GET", path: "/api/images" },
  }),
} as const;

/** The images every installation knows from its first start: vms/templates/images.json. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { boxName, imageFamily, imageId, sshUser } from "#protocol";
import { z } from "zod";

const FILE = join(import.meta.dir, "../../../vms/templates/images.json");

const seedImage = z.strictObject({
  id: imageId,
  name: z.string().min(1).max(64),
  description: z.string().max(500),
  family: imageFamily,
  source: z.enum(["build", "registry"]),
  box: boxName,
  sshUser,
  minRamMb: z.int().min(512).max(4096),
  minDiskGb: z.int().min(10).max(50),
});
export type SeedImage = z.infer<typeof seedImage>;

export function readSeed(file = FILE): readonly SeedImage[] {
  return z.strictObject({ images: z.array(seedImage) }).parse(JSON.parse(readFileSync(file, "utf8"))).images;
}

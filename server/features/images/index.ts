/** Front door of the images feature. */
import type { ImageView, Role } from "#protocol";
import { daily } from "../../core/daily.ts";
import { DisposableStack } from "../../core/disposable.ts";
import { AppError } from "../../core/errors.ts";
import type { Feature } from "../../core/feature.ts";
import type { RetryJob } from "../../core/jobs.ts";
import { defineTopic } from "../../core/topic.ts";
import type { UploadSink } from "../../core/uploads.ts";
import type { ImageRef } from "../../drivers/vm-driver.ts";
import { Catalogue, refOfRow } from "./catalogue.ts";
import { addImage } from "./commands/add-image.ts";
import { importImage } from "./commands/import-image.ts";
import { listImages } from "./commands/list-images.ts";
import { prepareImage } from "./commands/prepare-image.ts";
import { removeImage } from "./commands/remove-image.ts";
import { updateImage } from "./commands/update-image.ts";
import type { ImageCommandDeps, ImageDeps } from "./deps.ts";
import { type CheckedSpec, checkImage } from "./image-check.ts";
import { ImageJobs } from "./image-jobs.ts";
import { ImageRepo } from "./image-repo.ts";
import { retryImageJob } from "./retry.ts";
import { readSeed } from "./seed.ts";
import { UploadStore } from "./upload-store.ts";

export { imageJobKinds } from "./retry.ts";

export interface ImageFeature extends Feature {
  /** Throws `invalid_input` that names the field when somebody of this role cannot make such a VM here. */
  check(spec: CheckedSpec, role?: Role): Promise<ImageView>;
  /** What a driver needs to know of an image; also of a hidden one. Throws `conflict` when it is gone. */
  refOf(imageId: string): ImageRef;
  /** For `job.retry`, with the input the job was made of. */
  readonly retry: RetryJob;
  /** Where the gateway puts uploaded files. */
  readonly uploads: UploadSink;
}

const commands = [listImages, addImage, updateImage, prepareImage, importImage, removeImage];

export function createImageFeature(deps: ImageDeps): ImageFeature {
  const { db, clock, log } = deps;
  const repo = new ImageRepo(db);
  repo.seed(readSeed(), clock.now());
  const catalogue = new Catalogue({ ...deps, repo });
  const work = new ImageJobs({ ...deps, repo, catalogue });
  work.recover();
  const uploads = new UploadStore(deps.vmsDir, deps.maxUploadBytes);
  uploads.prune(clock.now(), true);
  const owned = new DisposableStack();
  owned.use(daily({ clock, log }, "uploads nobody came for", (nowMs) => uploads.prune(nowMs)));
  const commandDeps: ImageCommandDeps = { ...deps, repo, catalogue, work, uploads };
  // Not awaited: a list or a check asks again, and a start must not wait for the driver.
  void catalogue.renew();

  return {
    commands: commands.map((command) => command.bind(commandDeps)),
    topics: [
      defineTopic("image.state", () => ({ images: catalogue.current().filter(({ hidden }) => !hidden) })),
    ],
    uploads,
    retry: (job, request, caller) => retryImageJob(commandDeps, job, request, caller),
    check: async (spec, role = "user") => checkImage(await catalogue.list(), spec, role),
    refOf(imageId) {
      const row = repo.find(imageId);
      if (!row || catalogue.leaving.has(imageId))
        throw new AppError("conflict", `The image ${imageId} is no longer in the catalogue`);
      return refOfRow(row);
    },
    dispose: () => owned.dispose(),
  };
}

/** `image.import`: an uploaded .box file is checked, repacked and given to the driver, in the background. */
import type { CommandInput, CommandOutput } from "#protocol";
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import { repackBox } from "../box/repack-box.ts";
import { refOfRow } from "../catalogue.ts";
import type { ImageCommandDeps } from "../deps.ts";
import type { AdminCaller } from "../image-jobs.ts";
import type { ImageRow } from "../image-repo.ts";
import { shown } from "./find-image.ts";

/** Enough of the random id that no two boxes meet on a host. */
const NAME_LENGTH = 16;

export const importImage = defineCommand("image.import", (input, caller, deps: ImageCommandDeps) =>
  importBox(input, caller, deps),
);

export async function importBox(
  input: CommandInput<"image.import">,
  caller: AdminCaller,
  deps: ImageCommandDeps,
): Promise<CommandOutput<"image.import">> {
  const { catalogue, driver, work, uploads, clock } = deps;
  const { imageId: id, uploadId, ...fields } = input;
  const earlier = work.earlier(caller);
  if (earlier) return { image: await shown(catalogue, id), jobId: earlier.id };
  const path = uploads.find(uploadId);
  if (path === null)
    throw new AppError("invalid_input", "There is no such upload; a file is kept for a day", {
      field: "uploadId",
    });

  const box = `twarga-file-${uploadId.slice(0, NAME_LENGTH)}`;
  const row: ImageRow = {
    ...{ id, box, source: "file", hidden: false, activeJobId: null, createdAtMs: clock.now() },
    ...fields,
  };
  const jobId = work.begin(
    {
      kind: "image.import",
      row,
      request: input,
      async work(run) {
        const workDir = uploads.workDir(uploadId);
        try {
          const checked = await repackBox({ path, workDir, maxDiskGb: row.minDiskGb, run });
          await driver.addImage(refOfRow(row), { kind: "file", path: checked }, run);
          await uploads.remove(uploadId);
        } finally {
          await uploads.clearWork(uploadId);
        }
      },
    },
    caller,
    () => replaceLost(deps, row),
  );
  return { image: await shown(catalogue, id), jobId };
}

/** An import takes the place of one whose box is gone, and of nothing else. */
function replaceLost({ repo, catalogue }: ImageCommandDeps, row: ImageRow): void {
  const old = catalogue.current().find(({ id }) => id === row.id);
  if (old?.source === "file" && old.state === "missing" && old.vmCount === 0) repo.remove(row.id);
  repo.insert(row);
}

/** `image.prepare`: builds or fetches an image in the background. */
import type { CommandInput, CommandOutput } from "#protocol";
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import { refOfRow } from "../catalogue.ts";
import type { ImageCommandDeps } from "../deps.ts";
import type { AdminCaller } from "../image-jobs.ts";
import { rowOf, shown } from "./find-image.ts";

export const prepareImage = defineCommand("image.prepare", (input, caller, deps: ImageCommandDeps) =>
  prepare(input, caller, deps),
);

export async function prepare(
  input: CommandInput<"image.prepare">,
  caller: AdminCaller,
  deps: ImageCommandDeps,
): Promise<CommandOutput<"image.prepare">> {
  const { repo, catalogue, driver, work } = deps;
  const row = rowOf(repo, input.imageId);
  const earlier = work.earlier(caller);
  if (earlier) return { image: await shown(catalogue, row.id), jobId: earlier.id };
  if (row.source === "file")
    throw new AppError("conflict", `The image ${row.id} came from a file; import it again`);

  const origin = { kind: row.source };
  const jobId = work.begin(
    {
      kind: row.source === "build" ? "image.build" : "image.fetch",
      row,
      request: input,
      work: (run) => driver.addImage(refOfRow(row), origin, run),
    },
    caller,
  );
  return { image: await shown(catalogue, row.id), jobId };
}

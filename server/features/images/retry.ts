/** `job.retry` for images: the command that made the job, with the input it had, for whoever asks now. */
import { commands, type JobId, type JobKind, type JobView } from "#protocol";
import { AppError } from "../../core/errors.ts";
import { importBox } from "./commands/import-image.ts";
import { prepare } from "./commands/prepare-image.ts";
import type { ImageCommandDeps } from "./deps.ts";
import type { AdminCaller } from "./image-jobs.ts";

export const imageJobKinds = [
  "image.build",
  "image.fetch",
  "image.import",
] as const satisfies readonly JobKind[];

export async function retryImageJob(
  deps: ImageCommandDeps,
  job: JobView,
  request: unknown,
  caller: AdminCaller,
): Promise<JobId> {
  // The job may be that of somebody who was an administrator then.
  if (caller.session.role !== "admin")
    throw new AppError("forbidden", "Only an administrator may prepare images");
  if (job.kind === "image.import") {
    const input = commands["image.import"].input.parse(request);
    return (await importBox(input, caller, deps)).jobId;
  }
  const input = commands["image.prepare"].input.parse(request);
  return (await prepare(input, caller, deps)).jobId;
}

/** `job.retry`: asks again for what a failed or cancelled job was to do, by the rules of its command. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import type { JobCommandDeps } from "../deps.ts";
import { retryRefusal } from "../job-rules.ts";

export const retryJob = defineCommand("job.retry", async ({ jobId }, caller, deps: JobCommandDeps) => {
  const { session, requestKey } = caller;
  const job = deps.reader.find(session, jobId);
  const earlier = requestKey === undefined ? undefined : deps.findByRequestKey(session.userId, requestKey);
  if (earlier) return { jobId: earlier.id };

  const refusal = retryRefusal(job);
  if (refusal !== null) throw new AppError("conflict", refusal);
  const retry = deps.retryOf(job.kind);
  if (!retry) throw new AppError("unsupported", `A job of kind ${job.kind} cannot be asked for again`);
  return { jobId: await retry(job, deps.requestOf(jobId), caller) };
});

/** `job.cancel`: asks a job to end; its `job.state` events tell when it has. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import type { JobCommandDeps } from "../deps.ts";
import { cancelRefusal } from "../job-rules.ts";

export const cancelJob = defineCommand("job.cancel", ({ jobId }, { session }, deps: JobCommandDeps) => {
  const refusal = cancelRefusal(deps.reader.find(session, jobId));
  if (refusal !== null) throw new AppError("conflict", refusal);

  const by = session.username;
  if (!deps.requestCancel(jobId, `Cancelled by ${by}`))
    throw new AppError("conflict", "Nothing works on this job right now; it is settled by the next start");
  return { job: deps.reader.find(session, jobId) };
});

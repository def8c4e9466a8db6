/** `job.get`: one job with everything it printed. */
import { defineCommand } from "../../../core/command.ts";
import type { JobCommandDeps } from "../deps.ts";

export const getJob = defineCommand("job.get", ({ jobId }, { session }, { reader }: JobCommandDeps) => ({
  job: reader.find(session, jobId),
  lines: reader.lines(jobId),
  programs: reader.programs(jobId),
}));

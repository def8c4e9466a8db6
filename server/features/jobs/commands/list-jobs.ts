/** `job.list`: the caller's newest jobs. */
import { defineCommand } from "../../../core/command.ts";
import type { JobCommandDeps } from "../deps.ts";

export const listJobs = defineCommand("job.list", (input, { session }, { reader }: JobCommandDeps) => ({
  jobs: reader.list({ ...input, ownerId: session.userId }),
}));

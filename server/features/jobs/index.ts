/** Front door of the jobs feature. */
import type { JobId } from "#protocol";
import { daily } from "../../core/daily.ts";
import { DisposableStack } from "../../core/disposable.ts";
import type { Feature } from "../../core/feature.ts";
import type { JobRunner } from "../../core/jobs.ts";
import { cancelJob } from "./commands/cancel-job.ts";
import { getJob } from "./commands/get-job.ts";
import { listJobs } from "./commands/list-jobs.ts";
import type { JobCommandDeps, JobDeps } from "./deps.ts";
import { createJobFeed } from "./job-feed.ts";
import { createJobReader } from "./job-reader.ts";
import { JobRepo } from "./job-repo.ts";
import { pruneJobLines } from "./job-retention.ts";
import { BackgroundJobs } from "./job-runner.ts";
import type { LiveJob } from "./live-job.ts";
import { jobTopics } from "./topics.ts";

export function createJobFeature(deps: JobDeps): Feature & { readonly runner: JobRunner } {
  const live = new Map<JobId, LiveJob>();
  const repo = new JobRepo(deps.db);
  const reader = createJobReader(repo, live);

  const owned = new DisposableStack();
  const feed = owned.use(createJobFeed(deps, repo, live));
  owned.use(daily(deps, "output of old jobs", (nowMs) => pruneJobLines(deps.db, nowMs)));
  const runner = owned.use(new BackgroundJobs({ deps, repo, live, feed }));

  const commandDeps: JobCommandDeps = {
    reader,
    cursors: deps.cursors,
    requestCancel: (jobId, message) => runner.requestCancel(jobId, message),
  };
  return {
    runner,
    commands: [listJobs, getJob, cancelJob].map((command) => command.bind(commandDeps)),
    topics: jobTopics(reader),
    dispose: () => owned.dispose(),
  };
}

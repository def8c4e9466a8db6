/** Front door of the jobs feature. */
import type { JobId, JobKind } from "#protocol";
import { daily } from "../../core/daily.ts";
import { DisposableStack } from "../../core/disposable.ts";
import type { Feature } from "../../core/feature.ts";
import type { JobRunner, RetryJob } from "../../core/jobs.ts";
import { cancelJob } from "./commands/cancel-job.ts";
import { getJob } from "./commands/get-job.ts";
import { listJobs } from "./commands/list-jobs.ts";
import { retryJob } from "./commands/retry-job.ts";
import type { JobCommandDeps, JobDeps } from "./deps.ts";
import { createJobFeed } from "./job-feed.ts";
import { createJobReader } from "./job-reader.ts";
import { JobRepo } from "./job-repo.ts";
import { pruneJobLines } from "./job-retention.ts";
import { BackgroundJobs } from "./job-runner.ts";
import type { LiveJob } from "./live-job.ts";
import { jobTopics } from "./topics.ts";

export interface JobFeature extends Feature {
  readonly runner: JobRunner;
  /** Tells how jobs of these kinds are asked for again; set once, after the feature that knows them exists. */
  onRetry(kinds: readonly JobKind[], retry: RetryJob): void;
}

export function createJobFeature(deps: JobDeps): JobFeature {
  const live = new Map<JobId, LiveJob>();
  const repo = new JobRepo(deps.db);
  const reader = createJobReader(repo, live);

  const owned = new DisposableStack();
  const feed = owned.use(createJobFeed(deps, repo, live));
  owned.use(daily(deps, "output of old jobs", (nowMs) => pruneJobLines(deps.db, nowMs)));
  const runner = owned.use(new BackgroundJobs({ deps, repo, live, feed }));

  const retries = new Map<JobKind, RetryJob>();
  const commandDeps: JobCommandDeps = {
    retryOf: (kind) => retries.get(kind),
    requestOf: (jobId) => repo.requestOf(jobId),
    findByRequestKey: (actorId, requestKey) => repo.findByRequestKey(actorId, requestKey),
    reader,
    cursors: deps.cursors,
    requestCancel: (jobId, message) => runner.requestCancel(jobId, message),
  };
  return {
    runner,
    onRetry: (kinds, retry) => kinds.forEach((kind) => retries.set(kind, retry)),
    commands: [listJobs, getJob, cancelJob, retryJob].map((command) => command.bind(commandDeps)),
    topics: jobTopics(reader),
    dispose: () => owned.dispose(),
  };
}

/** Reads jobs as of this moment, for commands and snapshots. */
import type { JobId, JobView } from "#protocol";
import { AppError } from "../../core/errors.ts";
import type { JobReader } from "./deps.ts";
import type { JobRepo } from "./job-repo.ts";
import { maySee } from "./job-rules.ts";
import type { LiveJob } from "./live-job.ts";

export function createJobReader(repo: JobRepo, live: ReadonlyMap<JobId, LiveJob>): JobReader {
  const fresh = (job: JobView): JobView => live.get(job.id)?.view ?? job;

  return {
    find(session, jobId) {
      const job = repo.find(jobId);
      if (!job || !maySee(session, job.ownerId)) throw new AppError("not_found", "No such job");
      return fresh(job);
    },
    list: (filter) => repo.list(filter).map(fresh),
    recent(ownerId, limit) {
      const newest = repo.list({ ownerId, limit });
      const oldest = newest.at(-1)?.id ?? 0;
      // An active job older than the newest `limit` is rare but must not be missing.
      const older = repo.unfinished(ownerId).filter((job) => job.id < oldest);
      return [...newest, ...older.toReversed()].map(fresh);
    },
    lines: (jobId) => merge(repo, jobId, live.get(jobId)?.allLines()),
    programs(jobId) {
      const running = live.get(jobId)?.programs() ?? [];
      const first = running[0]?.n ?? Number.POSITIVE_INFINITY;
      return [...repo.programs(jobId).filter(({ n }) => n < first), ...running];
    },
    publishedLines: (jobId) => merge(repo, jobId, live.get(jobId)?.publishedLines()),
  };
}

/** A job resumed after a crash has its first lines in the database only, its newest in memory only. */
function merge(repo: JobRepo, jobId: JobId, inMemory: ReturnType<LiveJob["allLines"]> | undefined) {
  const stored = repo.lines(jobId);
  if (!inMemory) return stored;
  const first = inMemory[0]?.n ?? Number.POSITIVE_INFINITY;
  return [...stored.filter((line) => line.n < first), ...inMemory];
}

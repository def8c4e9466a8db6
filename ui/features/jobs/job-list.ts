/** The jobs as this tab knows them, and every change of that knowledge as a pure function. */
import type { EventOf, JobState, JobView, SnapshotOf } from "#protocol";

export interface JobList {
  /** Newest first. */
  readonly jobs: readonly JobView[];
  readonly isLoaded: boolean;
}

export const emptyJobList: JobList = { jobs: [], isLoaded: false };

/** A page that stays open for days must not grow without end. */
const KEPT_JOBS = 200;

const activeStates: ReadonlySet<JobState> = new Set(["queued", "running"]);

export function isActive(job: JobView): boolean {
  return activeStates.has(job.state);
}

/** Active jobs are kept whatever their age. */
function newestFirst(jobs: readonly JobView[]): readonly JobView[] {
  const sorted = [...jobs].sort((a, b) => b.createdAtMs - a.createdAtMs || b.id - a.id);
  return sorted.filter((job, index) => index < KEPT_JOBS || isActive(job));
}

export function applyJobSnapshot(snapshot: SnapshotOf<"job.state">): JobList {
  return { jobs: newestFirst(snapshot.jobs), isLoaded: true };
}

export function applyJobEvent(list: JobList, { job }: EventOf<"job.state">): JobList {
  return { ...list, jobs: newestFirst([...list.jobs.filter((other) => other.id !== job.id), job]) };
}

/** The server's answer about one job; another user's stays out of this list. */
export function takeJobAnswer(list: JobList, job: JobView): JobList {
  return list.jobs.some(({ id }) => id === job.id) ? applyJobEvent(list, { job }) : list;
}

/** The job has just failed: worth a word, wherever the person is looking. */
export function hasJustFailed(list: JobList, job: JobView): boolean {
  const before = list.jobs.find((other) => other.id === job.id);
  return job.state === "failed" && before !== undefined && isActive(before);
}

/** Those of `jobs` that were at work when this list was made, and are not any more. */
export function justEnded(list: JobList, jobs: readonly JobView[]): readonly JobView[] {
  const active = new Set(list.jobs.filter(isActive).map(({ id }) => id));
  return jobs.filter((job) => active.has(job.id) && !isActive(job));
}

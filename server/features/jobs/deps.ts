/** What the jobs feature needs from outside, and what its commands and topics share. */
import type { JobId, JobKind, JobLine, JobProgram, JobView } from "#protocol";
import type { Db } from "../../../db/client.ts";
import type { Bus } from "../../core/bus.ts";
import type { Session } from "../../core/caller.ts";
import type { Clock } from "../../core/clock.ts";
import type { RetryJob } from "../../core/jobs.ts";
import type { Log } from "../../core/log.ts";
import type { Cursors } from "../../core/paging.ts";
import type { JobFilter } from "./job-repo.ts";

export interface JobDeps {
  readonly db: Db;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly cursors: Cursors;
}

/** Jobs as of this moment: rows, overlaid with what running jobs have said since their last flush. */
export interface JobReader {
  /** Throws `not_found` for an absent job and, with the same words, for a job of somebody else. */
  find(session: Session, jobId: JobId): JobView;
  list(filter: JobFilter): JobView[];
  /** All active jobs and the newest others. */
  recent(ownerId: JobFilter["ownerId"], limit: number): JobView[];
  lines(jobId: JobId): JobLine[];
  programs(jobId: JobId): JobProgram[];
  /** Only lines that were published, so that a subscriber gets each line once. */
  publishedLines(jobId: JobId): JobLine[];
}

export interface JobCommandDeps {
  retryOf(kind: JobKind): RetryJob | undefined;
  requestOf(jobId: JobId): unknown;
  findByRequestKey(actorId: Session["userId"], requestKey: string): JobView | undefined;
  readonly cursors: Cursors;
  readonly reader: JobReader;
  /** Asks a running job to end; false when nobody works on it. */
  requestCancel(jobId: JobId, message: string): boolean;
}

/** What ended jobs printed is not kept for ever; that they ran, for whom and how they ended is. */
import { and, desc, inArray, isNotNull, lt, lte, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import type { Db } from "../../../db/client.ts";
import { jobLines, jobs } from "../../../db/schema/index.ts";
import { DAY_MS } from "../../core/daily.ts";

/** A term of teaching is looked back at for weeks, not for months. */
const KEEP_LINES_MS = 30 * DAY_MS;
/** With at most 2,000 lines each this bounds the table, however busy the month. */
const KEEP_LINES_OF_JOBS = 5_000;

/** Removes the lines of jobs that ended long ago, or that are not among the newest ended ones. */
export function pruneJobLines({ orm }: Db, nowMs: number, keepJobs = KEEP_LINES_OF_JOBS): number {
  const ended = alias(jobs, "ended");
  const newestTooMany = orm
    .select({ id: ended.id })
    .from(ended)
    .where(isNotNull(ended.endedAtMs))
    .orderBy(desc(ended.id))
    .limit(1)
    .offset(keepJobs);
  const isOld = or(lt(jobs.endedAtMs, nowMs - KEEP_LINES_MS), lte(jobs.id, sql`(${newestTooMany})`));
  const old = orm
    .select({ id: jobs.id })
    .from(jobs)
    .where(and(isNotNull(jobs.endedAtMs), isOld));
  return orm.delete(jobLines).where(inArray(jobLines.jobId, old)).returning({ n: jobLines.n }).all().length;
}

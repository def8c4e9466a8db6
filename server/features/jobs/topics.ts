/** Snapshots of `job.state` and `job.output`. */
import { jobId } from "#protocol";
import { AppError } from "../../core/errors.ts";
import { type BoundTopic, defineTopic } from "../../core/topic.ts";
import type { JobReader } from "./deps.ts";

/** Ended jobs in the first snapshot: what a page shows without asking for more. */
const RECENT_JOBS = 50;

export function jobTopics(reader: JobReader): readonly BoundTopic[] {
  return [
    defineTopic("job.state", ({ ownerId }) => ({ jobs: reader.recent(ownerId, RECENT_JOBS) })),
    defineTopic("job.output", ({ session, key }) => {
      const id = jobId.safeParse(/^[1-9]\d{0,15}$/.test(key) ? Number(key) : null);
      if (!id.success) throw new AppError("not_found", "No such job");
      reader.find(session, id.data);
      return { lines: reader.publishedLines(id.data) };
    }),
  ];
}

/** `job.list`: the caller's jobs, newest first, page by page. */
import { jobId } from "#protocol";
import { defineCommand } from "../../../core/command.ts";
import { pageOf } from "../../../core/paging.ts";
import type { JobCommandDeps } from "../deps.ts";

export const listJobs = defineCommand("job.list", (input, { session }, deps: JobCommandDeps) => {
  const { cursor, limit, ...filter } = input;
  const scope = { userId: session.userId, list: `job.list ${JSON.stringify(filter)}` };
  const after = deps.cursors.decode(scope, cursor);
  const before = after === null ? undefined : jobId.parse(after.id);
  const found = deps.reader.list({ ...filter, ownerId: session.userId, before, limit: limit + 1 });
  const { rows, nextCursor } = pageOf(found, limit, ({ id }) =>
    deps.cursors.encode(scope, { key: null, id }),
  );
  return { jobs: rows, nextCursor };
});

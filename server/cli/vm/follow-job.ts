/** Follows one job to its end: shows its output as it comes, and fails when the job does. */
import type { Client } from "#client";
import type { JobId, JobLine, JobView } from "#protocol";
import type { CliContext } from "../cli-context.ts";
import { CliError } from "../exit.ts";
import { printable } from "../format.ts";
import { untilClosed } from "../server-link.ts";

export async function followJob(client: Client, jobId: JobId, context: CliContext): Promise<JobView> {
  const closed = untilClosed(client);
  const output = followOutput(client, jobId, context);
  try {
    const job = await Promise.race([jobEnd(client, jobId), closed.promise]);
    await output.complete();
    return job;
  } finally {
    output.stop();
    closed.stop();
  }
}

export function requireSuccess(job: JobView): void {
  if (job.state === "succeeded") return;
  throw new CliError(job.error?.code ?? job.state, job.error?.message ?? `Job ${job.id} was ${job.state}`);
}

async function jobEnd(client: Client, jobId: JobId): Promise<JobView> {
  const { job: first } = await client.request("job.get", { jobId });
  if (first.endedAtMs !== null) return first;
  const ended = Promise.withResolvers<JobView>();
  const look = (job: JobView | undefined) => {
    if (job?.id === jobId && job.endedAtMs !== null) ended.resolve(job);
  };
  const stop = client.subscribe("job.state", {
    // An administrator works on the VMs of others, whose jobs are theirs.
    key: first.ownerId === client.hello?.user.id ? "own" : "all",
    onSnapshot({ jobs }) {
      const job = jobs.find(({ id }) => id === jobId);
      if (job) return look(job);
      // Older than what the snapshot holds.
      client.request("job.get", { jobId }).then((answer) => look(answer.job), ended.reject);
    },
    onEvent: ({ job }) => look(job),
    onError: (error) => ended.reject(error),
  });
  return ended.promise.finally(stop);
}

/** Each line once, though a snapshot after a reconnect repeats them. */
function followOutput(client: Client, jobId: JobId, context: CliContext) {
  let shown = 0;
  const show = (lines: readonly JobLine[]) => {
    for (const line of lines) {
      if (line.n <= shown) continue;
      shown = line.n;
      context.note(line.stream === "step" ? `== ${printable(line.text)}` : `   ${printable(line.text)}`);
    }
  };
  const stop = client.subscribe("job.output", {
    key: String(jobId),
    onSnapshot: ({ lines }) => show(lines),
    onEvent: ({ lines }) => show(lines),
  });
  return {
    stop,
    /** The end of a job may overtake its last lines. */
    async complete(): Promise<void> {
      if (!context.json) show((await client.request("job.get", { jobId })).lines);
    },
  };
}

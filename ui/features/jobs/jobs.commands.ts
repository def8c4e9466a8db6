/** What people do with jobs. */
import { toast } from "vue-sonner";
import type { JobId, JobView } from "#protocol";
import { messageOf } from "../../shared/format/message-of.ts";
import { useClient } from "../../shared/session/index.ts";
import { jobTitle } from "./job-look.ts";
import { useJobsStore } from "./jobs.store.ts";

export function useJobCommands() {
  const client = useClient();
  const store = useJobsStore();

  return {
    async cancel(job: JobView): Promise<void> {
      try {
        store.takeAnswer((await client.request("job.cancel", { jobId: job.id })).job);
      } catch (error) {
        toast.error(`Could not cancel the job of ${job.targetName}`, { description: messageOf(error) });
      }
    },

    /** The new job; null, with a word, when the server refuses. */
    async retry(job: JobView): Promise<JobId | null> {
      try {
        const { jobId } = await client.request("job.retry", { jobId: job.id });
        toast.success(`${jobTitle(job.kind)} ${job.targetName}: trying again`);
        return jobId;
      } catch (error) {
        toast.error(`Could not try again with ${job.targetName}`, { description: messageOf(error) });
        return null;
      }
    },
  };
}

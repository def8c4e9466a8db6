/** What people do with jobs. */
import { toast } from "vue-sonner";
import { RequestError } from "#client";
import type { JobView } from "#protocol";
import { useClient } from "../../shared/session/index.ts";
import { useJobsStore } from "./jobs.store.ts";

export function useJobCommands() {
  const client = useClient();
  const store = useJobsStore();

  return {
    async cancel(job: JobView): Promise<void> {
      try {
        store.applyEvent(await client.request("job.cancel", { jobId: job.id }));
      } catch (error) {
        const why = error instanceof RequestError ? error.message : "Something went wrong on this page";
        toast.error(`Could not cancel the job of ${job.targetName}`, { description: why });
      }
    },
  };
}

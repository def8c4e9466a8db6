/** Feeds the jobs' store from the `job.state` topic, and speaks up when a job fails. */
import { toast } from "vue-sonner";
import type { Client } from "#client";
import { failureTitle } from "./job-look.ts";
import type { useJobsStore } from "./jobs.store.ts";

export function subscribeJobs(client: Client, store: ReturnType<typeof useJobsStore>): () => void {
  return client.subscribe("job.state", {
    onSnapshot: store.applySnapshot,
    onEvent(event) {
      const { job } = event;
      if (store.hasJustFailed(job)) toast.error(failureTitle(job), { description: job.error?.message });
      store.applyEvent(event);
    },
  });
}

/** Feeds the jobs' store from the `job.state` topic, and speaks up when a job fails or ends. */
import { toast } from "vue-sonner";
import type { Client } from "#client";
import type { JobView } from "#protocol";
import { failureTitle } from "./job-look.ts";
import type { useJobsStore } from "./jobs.store.ts";

/** `onEnd` hears of each job that was at work when it was last seen and is not any more. */
export function subscribeJobs(
  client: Client,
  store: ReturnType<typeof useJobsStore>,
  onEnd: (job: JobView) => void,
): () => void {
  return client.subscribe("job.state", {
    onSnapshot(snapshot) {
      // Some may have ended while the connection was away.
      store.justEnded(snapshot.jobs).forEach(onEnd);
      store.applySnapshot(snapshot);
    },
    onEvent(event) {
      const { job } = event;
      if (store.hasJustFailed(job)) toast.error(failureTitle(job), { description: job.error?.message });
      store.justEnded([job]).forEach(onEnd);
      store.applyEvent(event);
    },
  });
}

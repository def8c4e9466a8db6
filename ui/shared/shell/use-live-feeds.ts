/** `useLiveFeeds()`: what every page behind the login listens to; ends, and forgets, with the session. */
import { onScopeDispose } from "vue";
import { subscribeJobs } from "../../features/jobs/jobs.events.ts";
import { useJobsStore } from "../../features/jobs/jobs.store.ts";
import { subscribeVms } from "../../features/vms/vms.events.ts";
import { useVmsStore } from "../../features/vms/vms.store.ts";
import { useClient } from "../session/index.ts";

export function useLiveFeeds(): void {
  const client = useClient();
  const vms = useVmsStore();
  const jobs = useJobsStore();
  const ends = [subscribeVms(client, vms), subscribeJobs(client, jobs)];
  onScopeDispose(() => {
    for (const end of ends) end();
    // The next person at this browser must not see them.
    vms.forget();
    jobs.forget();
  });
}

/** `useLiveFeeds()`: what every page behind the login listens to; ends, and forgets, with the session. */
import { onScopeDispose, watch } from "vue";
import { useRouter } from "vue-router";
import type { JobView } from "#protocol";
import { subscribeCredits, subscribeQuota } from "../../features/credits/credits.events.ts";
import { useCreditsStore } from "../../features/credits/credits.store.ts";
import { useQuotaStore } from "../../features/credits/quota.store.ts";
import { subscribeJobs } from "../../features/jobs/jobs.events.ts";
import { useJobsStore } from "../../features/jobs/jobs.store.ts";
import { subscribeVms } from "../../features/vms/vms.events.ts";
import { useVmsStore } from "../../features/vms/vms.store.ts";
import { useClient, useSessionStore } from "../session/index.ts";
import { subscribeWarnings } from "./notices/notices.events.ts";
import { useNoticesStore } from "./notices/notices.store.ts";

export function useLiveFeeds(): void {
  const client = useClient();
  const router = useRouter();
  const session = useSessionStore();
  const vms = useVmsStore();
  const jobs = useJobsStore();
  const credits = useCreditsStore();
  const quota = useQuotaStore();
  const notices = useNoticesStore();

  function noteEnd(job: JobView): void {
    const { name, params } = router.currentRoute.value;
    notices.take(job, {
      page: String(name),
      vmId: typeof params.id === "string" ? Number(params.id) : null,
      isVisible: document.visibilityState === "visible",
    });
  }

  watch(
    () => session.user?.id,
    () => session.user && notices.begin(session.user),
    { immediate: true },
  );
  const ends = [
    subscribeVms(client, vms),
    subscribeJobs(client, jobs, noteEnd),
    subscribeCredits(client, credits),
    subscribeQuota(client, quota),
    subscribeWarnings(client, notices),
  ];
  onScopeDispose(() => {
    for (const end of ends) end();
    // The next person at this browser must not see them.
    vms.forget();
    jobs.forget();
    credits.forget();
    quota.forget();
    notices.forget();
  });
}

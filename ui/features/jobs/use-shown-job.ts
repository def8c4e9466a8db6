/** `useShownJob(activeId)`: the job at work on a VM, and after its end as long as somebody reads its output. */
import type { ComputedRef, ShallowRef } from "vue";
import { computed, shallowRef, watch } from "vue";
import type { JobId, JobView } from "#protocol";
import { isActive } from "./job-list.ts";
import { useJobsStore } from "./jobs.store.ts";

export interface ShownJob {
  readonly job: ComputedRef<JobView | null>;
  readonly isOutputOpen: ShallowRef<boolean>;
}

/** `live` replaces the jobs of this user, e.g. by those of another one's VM. */
export function useShownJob(activeId: () => JobId | null, live?: () => readonly JobView[]): ShownJob {
  const store = useJobsStore();
  const isOutputOpen = shallowRef(false);
  const newestId = shallowRef<JobId | null>(null);

  watch(activeId, (id) => void (newestId.value = id ?? newestId.value), { immediate: true });

  const job = computed(() => {
    const found = (live?.() ?? store.jobs).find(({ id }) => id === newestId.value);
    return found && (isOutputOpen.value || isActive(found)) ? found : null;
  });
  return { job, isOutputOpen };
}

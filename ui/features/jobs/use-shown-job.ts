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

export function useShownJob(activeId: () => JobId | null): ShownJob {
  const jobs = useJobsStore();
  const isOutputOpen = shallowRef(false);
  const newestId = shallowRef<JobId | null>(null);

  watch(activeId, (id) => void (newestId.value = id ?? newestId.value), { immediate: true });

  const job = computed(() => {
    const found = jobs.find(newestId.value);
    return found && (isOutputOpen.value || isActive(found)) ? found : null;
  });
  return { job, isOutputOpen };
}

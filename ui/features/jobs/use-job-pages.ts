/** `useJobPages(filter)`: the live jobs that fit, and older ones page by page as somebody asks for them. */
import type { ComputedRef, Ref } from "vue";
import { computed, shallowRef, watch } from "vue";
import { RequestError } from "#client";
import type { JobView } from "#protocol";
import { useClient } from "../../shared/session/index.ts";
import type { JobFilter } from "./job-filter.ts";
import { askFor, joinJobs } from "./job-filter.ts";
import { useJobsStore } from "./jobs.store.ts";

export interface JobPages {
  readonly jobs: ComputedRef<readonly JobView[]>;
  readonly hasMore: ComputedRef<boolean>;
  readonly isLoading: Ref<boolean>;
  /** Why older ones could not be read. */
  readonly refusal: Ref<string>;
  more(): Promise<void>;
}

const PAGE = 50;

/** `live` replaces the jobs of this user, e.g. by those of another one's VM. */
export function useJobPages(filter: () => JobFilter, live?: () => readonly JobView[]): JobPages {
  const client = useClient();
  const store = useJobsStore();
  const asked = shallowRef<readonly JobView[]>([]);
  const cursor = shallowRef<string | null>(null);
  const isLoading = shallowRef(false);
  const refusal = shallowRef("");
  /** An answer to another filter is no answer. */
  let turn = 0;

  async function read(from: string | null): Promise<void> {
    const request = askFor(filter());
    if (request === null) return;
    const mine = (turn += 1);
    isLoading.value = true;
    refusal.value = "";
    try {
      const page = { limit: PAGE, ...(from === null ? {} : { cursor: from }) };
      const answer = await client.request("job.list", { ...request, ...page });
      if (mine !== turn) return;
      asked.value = from === null ? answer.jobs : [...asked.value, ...answer.jobs];
      cursor.value = answer.nextCursor;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (mine === turn) refusal.value = error.message;
    } finally {
      if (mine === turn) isLoading.value = false;
    }
  }

  watch(
    filter,
    () => {
      turn += 1;
      asked.value = [];
      cursor.value = null;
      void read(null);
    },
    { immediate: true },
  );

  return {
    jobs: computed(() => joinJobs(live?.() ?? store.jobs, asked.value, filter())),
    hasMore: computed(() => cursor.value !== null),
    isLoading,
    refusal,
    more: () => read(cursor.value),
  };
}

/** `useShownVm(id)`: the machine of a page with its jobs, live; administrators see those of others as well. */
import type { ComputedRef } from "vue";
import { computed, shallowRef, watch } from "vue";
import { RequestError } from "#client";
import type { JobView, VmView } from "#protocol";
import { useClient, useSessionStore } from "../../../shared/session/index.ts";
import { applyJobEvent, emptyJobList } from "../../jobs/job-list.ts";
import { useJobsStore } from "../../jobs/jobs.store.ts";
import { useVmsStore } from "../vms.store.ts";

export interface ShownVm {
  readonly vm: ComputedRef<VmView | null>;
  /** Newest first. */
  readonly jobs: ComputedRef<readonly JobView[]>;
  /** It is known whether there is such a machine. */
  readonly isKnown: ComputedRef<boolean>;
  readonly isForeign: ComputedRef<boolean>;
}

export function useShownVm(id: () => number): ShownVm {
  const client = useClient();
  const session = useSessionStore();
  const store = useVmsStore();
  const jobStore = useJobsStore();
  const foreign = shallowRef<VmView | null>(null);
  const foreignJobs = shallowRef(emptyJobList);
  const wasAsked = shallowRef(false);

  const own = computed(() => store.find(id()));
  const foreignId = computed(() =>
    store.isLoaded && own.value === null && session.user?.role === "admin" ? id() : null,
  );

  /** What is heard meanwhile is newer than the answer. */
  async function ask(vmId: number): Promise<void> {
    try {
      const { vm } = await client.request("vm.get", { vmId });
      if (foreignId.value === vmId) foreign.value ??= vm;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
    } finally {
      wasAsked.value = true;
    }
  }

  watch(
    foreignId,
    (vmId, _before, onCleanup) => {
      foreign.value = null;
      foreignJobs.value = emptyJobList;
      wasAsked.value = false;
      if (vmId === null) return;
      const ends = [
        client.subscribe("vm.state", {
          key: "all",
          onSnapshot: () => void ask(vmId),
          onEvent(event) {
            if (event.kind === "changed" && event.vm.id === vmId) foreign.value = event.vm;
            if (event.kind === "removed" && event.vmId === vmId) foreign.value = null;
          },
        }),
        client.subscribe("job.state", {
          key: "all",
          onSnapshot: () => undefined,
          onEvent(event) {
            if (event.job.vmId === vmId) foreignJobs.value = applyJobEvent(foreignJobs.value, event);
          },
        }),
      ];
      onCleanup(() => ends.forEach((end) => end()));
    },
    { immediate: true },
  );

  return {
    vm: computed(() => own.value ?? foreign.value),
    jobs: computed(() =>
      own.value === null ? foreignJobs.value.jobs : jobStore.jobs.filter(({ vmId }) => vmId === id()),
    ),
    isKnown: computed(() => store.isLoaded && (foreignId.value === null || wasAsked.value)),
    isForeign: computed(() => own.value === null && foreign.value !== null),
  };
}

/** Your jobs, live: the active ones and the newest of the others. */
import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";
import type { EventOf, JobView, SnapshotOf } from "#protocol";
import {
  applyJobEvent,
  applyJobSnapshot,
  emptyJobList,
  hasJustFailed,
  isActive,
  justEnded,
  takeJobAnswer,
} from "./job-list.ts";

export const useJobsStore = defineStore("jobs", () => {
  const list = shallowRef(emptyJobList);

  return {
    jobs: computed(() => list.value.jobs),
    isLoaded: computed(() => list.value.isLoaded),
    activeCount: computed(() => list.value.jobs.filter(isActive).length),
    find: (jobId: number | null): JobView | null => list.value.jobs.find((job) => job.id === jobId) ?? null,
    hasJustFailed: (job: JobView) => hasJustFailed(list.value, job),
    justEnded: (jobs: readonly JobView[]) => justEnded(list.value, jobs),
    newestOf: (vmId: number): JobView | null => list.value.jobs.find((job) => job.vmId === vmId) ?? null,
    takeAnswer: (job: JobView) => void (list.value = takeJobAnswer(list.value, job)),
    applySnapshot: (data: SnapshotOf<"job.state">) => void (list.value = applyJobSnapshot(data)),
    applyEvent: (event: EventOf<"job.state">) => void (list.value = applyJobEvent(list.value, event)),
    forget: () => void (list.value = emptyJobList),
  };
});

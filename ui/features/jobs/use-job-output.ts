/** `useJobOutput(jobId)`: the live output of a job while the component lives. */
import type { Ref, ShallowRef } from "vue";
import { shallowRef, watch } from "vue";
import type { JobId, JobLine } from "#protocol";
import { useClient } from "../../shared/session/index.ts";
import { appendLines } from "./job-lines.ts";

export interface JobOutput {
  readonly lines: ShallowRef<readonly JobLine[]>;
  readonly isLoaded: ShallowRef<boolean>;
  /** Why there is none. */
  readonly refusal: ShallowRef<string | null>;
}

export function useJobOutput(jobId: Ref<JobId>): JobOutput {
  const client = useClient();
  const lines = shallowRef<readonly JobLine[]>([]);
  const isLoaded = shallowRef(false);
  const refusal = shallowRef<string | null>(null);

  watch(
    jobId,
    (id, _before, onCleanup) => {
      lines.value = [];
      isLoaded.value = false;
      refusal.value = null;
      const end = client.subscribe("job.output", {
        key: String(id),
        onSnapshot(data) {
          lines.value = appendLines([], data.lines);
          isLoaded.value = true;
        },
        onEvent: (data) => void (lines.value = appendLines(lines.value, data.lines)),
        onError: (error) => void (refusal.value = error.message),
      });
      onCleanup(end);
    },
    { immediate: true },
  );

  return { lines, isLoaded, refusal };
}

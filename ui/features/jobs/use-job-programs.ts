/** `useJobPrograms(job)`: what a job ran, asked for again whenever the job moves on. */
import type { ShallowRef } from "vue";
import { shallowRef, watch } from "vue";
import { RequestError } from "#client";
import type { JobProgram, JobView } from "#protocol";
import { useClient } from "../../shared/session/index.ts";

export interface JobPrograms {
  /** Null until the server has answered. */
  readonly programs: ShallowRef<readonly JobProgram[] | null>;
  readonly refusal: ShallowRef<string>;
}

export function useJobPrograms(job: () => JobView): JobPrograms {
  const client = useClient();
  const programs = shallowRef<readonly JobProgram[] | null>(null);
  const refusal = shallowRef("");
  let turn = 0;

  watch(
    () => [job().id, job().state, job().step, job().progress] as const,
    async ([jobId]) => {
      const mine = (turn += 1);
      try {
        const answer = await client.request("job.get", { jobId });
        if (mine !== turn) return;
        programs.value = answer.programs;
        refusal.value = "";
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        if (mine === turn) refusal.value = error.message;
      }
    },
    { immediate: true },
  );

  return { programs, refusal };
}

/** Which jobs a page shows: chosen by kind, state and VM; and live jobs joined with those the server was asked for; pure. */
import type { CommandRequest, JobKind, JobState, JobView, VmId } from "#protocol";
import { jobKinds, jobState } from "#protocol";
import { isActive } from "./job-list.ts";

export interface JobFilter {
  readonly vmId?: VmId;
  readonly kind?: JobKind;
  /** `active` are those that wait or work. */
  readonly state?: JobState | "active";
}

export function kindOf(text: string): JobKind | undefined {
  return jobKinds.find((kind) => kind === text);
}

export function stateOf(text: string): JobFilter["state"] {
  return text === "active" ? text : jobState.safeParse(text).data;
}

export function fitsFilter(job: JobView, { vmId, kind, state }: JobFilter): boolean {
  if (vmId !== undefined && job.vmId !== vmId) return false;
  if (kind !== undefined && job.kind !== kind) return false;
  return state === undefined || (state === "active" ? isActive(job) : job.state === state);
}

/** Null where the live list has them all, and there is nothing to ask. */
export function askFor(filter: JobFilter): CommandRequest<"job.list"> | null {
  const { state, ...rest } = filter;
  if (state === "active") return null;
  return state === undefined ? rest : { ...rest, state };
}

/** Newest first. The live one wins, because the other is as old as the question. */
export function joinJobs(
  live: readonly JobView[],
  asked: readonly JobView[],
  filter: JobFilter,
): readonly JobView[] {
  const byId = new Map([...asked, ...live].map((job) => [job.id, job]));
  return [...byId.values()]
    .filter((job) => fitsFilter(job, filter))
    .sort((a, b) => b.createdAtMs - a.createdAtMs || b.id - a.id);
}

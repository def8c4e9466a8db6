/** The jobs of one machine: those that are live in this tab and older ones the server was asked for; pure. */
import type { JobView, VmId } from "#protocol";

/** Newest first. The live one wins, because the other is as old as the question. */
export function jobsOfVm(vmId: VmId, live: readonly JobView[], asked: readonly JobView[]): JobView[] {
  const byId = new Map([...asked, ...live].filter((job) => job.vmId === vmId).map((job) => [job.id, job]));
  return [...byId.values()].sort((a, b) => b.createdAtMs - a.createdAtMs || b.id - a.id);
}

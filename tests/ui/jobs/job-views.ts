/** Jobs and their output as the server would describe them. */
import type { JobLine, JobView } from "#protocol";
import { jobView } from "#protocol";

export function job(id: number, over: Partial<Record<keyof JobView, unknown>> = {}): JobView {
  return jobView.parse({
    id,
    kind: "vm.create",
    state: "succeeded",
    ownerId: 1,
    ownerName: "ada",
    vmId: 1,
    actorName: "ada",
    imageId: null,
    targetName: "web01",
    retryable: false,
    step: null,
    progress: 1,
    error: null,
    cancellable: false,
    createdAtMs: id * 1_000,
    startedAtMs: null,
    endedAtMs: null,
    ...over,
  });
}

export function line(n: number): JobLine {
  return { n, atMs: n, stream: "info", text: `line ${n}` };
}

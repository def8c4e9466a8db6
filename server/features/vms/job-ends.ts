/** What the end of a job writes: its VM, its snapshot, its hold. Called inside the transaction that ends the job. */
import type { JobId, JobView, VmId } from "#protocol";
import type { VmBilling } from "../../core/billing.ts";
import type { Clock } from "../../core/clock.ts";
import type { JobOutcome, JobRunner } from "../../core/jobs.ts";
import type { Done } from "./driver-calls.ts";
import { resizeRequest } from "./job-requests.ts";
import type { SnapshotRepo } from "./snapshot-repo.ts";
import { afterFailure, afterSuccess, type MaybeFact, snapshotAfter, type VmCondition } from "./vm-facts.ts";
import type { VmRepo } from "./vm-repo.ts";
import type { VmChange, VmRow } from "./vm-row.ts";

/** What was found on the host after a failure. */
export interface EndFacts {
  readonly machine: MaybeFact;
  /** Whether the snapshot of the job is whole; null when that is not known. */
  readonly snapshot: boolean | null;
}
export const nothingKnown: EndFacts = { machine: null, snapshot: null };

interface EndDeps {
  readonly repo: VmRepo;
  readonly snapshots: SnapshotRepo;
  readonly billing: VmBilling;
  readonly jobs: Pick<JobRunner, "requestOf">;
  readonly clock: Clock;
}

export class JobEnds {
  readonly #deps: EndDeps;
  /** VMs that were only locked by a job, until their owners are told. */
  readonly #released = new Map<JobId, VmId[]>();

  constructor(deps: EndDeps) {
    this.#deps = deps;
  }

  settle(vmId: VmId, job: JobView, outcome: JobOutcome<Done>, facts: EndFacts): void {
    const { repo, billing } = this.#deps;
    // Whoever has the VM now: the hold is this job's own and ends with it.
    billing.release(job.id);
    this.#released.set(job.id, repo.releaseOthers(job.id, vmId));
    const row = repo.find(vmId);
    // A destroy has taken the VM over: what this job did is no longer its state.
    if (row?.activeJobId !== job.id) return;
    if (outcome.ok && job.kind === "vm.destroy") return repo.markDestroyed(vmId, this.#deps.clock.now());
    if (job.kind.startsWith("snapshot.")) this.#settleSnapshot(vmId, job, outcome, facts.snapshot);
    const change = { ...this.#sizeAfter(job, outcome.ok), ...startupOf(outcome, this.#deps.clock.now()) };
    repo.endJob(vmId, job.id, this.#conditionAfter(row, job, outcome, facts.machine), change);
  }

  /** The VMs that the end of this job gave free, once. */
  takeReleased(jobId: JobId): readonly VmId[] {
    const released = this.#released.get(jobId) ?? [];
    this.#released.delete(jobId);
    return released;
  }

  #conditionAfter(row: VmRow, job: JobView, outcome: JobOutcome<Done>, fact: MaybeFact): VmCondition {
    const nowMs = this.#deps.clock.now();
    return outcome.ok
      ? afterSuccess(outcome.value.aftermath, row, nowMs)
      : afterFailure(job.kind, outcome.error, fact, row, nowMs);
  }

  /** While it is resized a VM counts with the larger of both sizes; the end decides. */
  #sizeAfter(job: JobView, isReached: boolean): VmChange {
    if (job.kind !== "vm.resize") return {};
    const { before, ...after } = resizeRequest.parse(this.#deps.jobs.requestOf(job.id));
    return isReached ? after : before;
  }

  #settleSnapshot(vmId: VmId, job: JobView, outcome: JobOutcome<Done>, isWhole: boolean | null): void {
    const { snapshots } = this.#deps;
    const snapshot = snapshots.busyOf(vmId);
    if (!snapshot) return;
    const state = snapshotAfter(job.kind, outcome.ok, isWhole);
    if (state === "gone") return snapshots.remove(snapshot.id);
    const sizeBytes = outcome.ok ? outcome.value.sizeBytes : undefined;
    snapshots.set(snapshot.id, { state, ...(sizeBytes !== undefined && { sizeBytes }) });
  }
}

function startupOf(outcome: JobOutcome<Done>, nowMs: number): VmChange {
  const startup = outcome.ok ? outcome.value.startup : null;
  if (!startup) return {};
  const { output, exitCode } = startup;
  return { startupOutput: output, startupExitCode: exitCode, startupRanAtMs: nowMs };
}

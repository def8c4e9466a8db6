/** Brings rows, jobs and the hypervisor together at the start, before anybody can call. */
import type { JobView, VmId } from "#protocol";
import type { JobFailure, JobOutcome } from "../../core/jobs.ts";
import type { ObservedVm, VmRef } from "../../drivers/vm-driver.ts";
import type { VmDeps } from "./deps.ts";
import type { Done } from "./driver-calls.ts";
import { factIn, type HostFacts } from "./host-facts.ts";
import { type JobEnds, nothingKnown } from "./job-ends.ts";
import type { Orphans } from "./orphans.ts";
import type { VmEvents } from "./vm-events.ts";
import { applyFact, conditionOf, isJudgedByFact, outcomeByFact } from "./vm-facts.ts";
import type { VmRepo } from "./vm-repo.ts";
import { isSettled } from "./vm-state.ts";
import { foreignReason, refOf } from "./vm-view.ts";
import type { VmWork } from "./vm-work.ts";
import type { VmRow } from "./vm-row.ts";

export interface ReconcileReport {
  readonly hostAnswered: boolean;
  /** Interrupted jobs whose end was clear from the facts. */
  readonly settledJobs: number;
  /** Interrupted jobs that go on in the background. */
  readonly resumedJobs: number;
  readonly changedVms: number;
  /** On the host, named as ours, unknown to the database: reported, never removed by the server itself. */
  readonly orphans: readonly VmRef[];
  /** Resolves when the resumed jobs have ended. */
  readonly finished: Promise<unknown>;
}

interface Parts {
  readonly repo: VmRepo;
  readonly events: VmEvents;
  readonly facts: HostFacts;
  readonly work: VmWork;
  readonly ends: JobEnds;
  readonly orphans: Orphans;
}

type Facts = ReadonlyMap<VmId, ObservedVm> | null;

const overtaken: JobFailure = {
  code: "cancelled",
  message: "Cancelled because a later action took over",
  detail: "",
};
const wrongDriver = (reason: string): JobFailure => ({ code: "unsupported", message: reason, detail: "" });

export async function reconcile(deps: VmDeps, parts: Parts): Promise<ReconcileReport> {
  const { driver, jobs, log } = deps;
  const seen = await parts.facts.all();
  const unfinished = jobs.unfinished().filter(isVmJob);
  const resumed = unfinished.flatMap((job) => {
    const running = settleOrResume(deps, parts, seen, job);
    return running ? [running] : [];
  });

  const rows = parts.repo.list(null).filter((row) => foreignReason(row, driver.info) === null);
  const changed = rows.filter((row) => settleVm(deps, parts, seen, row, unfinished));
  meterAll(deps, parts.repo);
  const orphans = parts.orphans.among(seen);
  if (orphans.length > 0) log.warn({ orphans }, "VMs on the host that the database does not know");

  const report = {
    hostAnswered: seen !== null,
    settledJobs: unfinished.length - resumed.length,
    resumedJobs: resumed.length,
    changedVms: changed.length,
    orphans,
  };
  log.info(report, "Rows and host agree");
  return { ...report, finished: Promise.all(resumed) };
}

type VmJob = JobView & { readonly vmId: VmId };

/** Jobs of images have an owner of their own. */
function isVmJob(job: JobView): job is VmJob {
  return job.vmId !== null;
}

/** The running work of a job that has to go on; null for a job that was ended here. */
function settleOrResume(deps: VmDeps, parts: Parts, seen: Facts, job: VmJob): Promise<unknown> | null {
  const { driver } = deps;
  const vm = parts.repo.find(job.vmId);
  if (vm?.activeJobId !== job.id) {
    closeJob(deps, parts, job, { ok: false, cancelled: true, error: overtaken });
    return null;
  }
  const foreign = foreignReason(vm, driver.info);
  if (foreign !== null) {
    closeJob(deps, parts, job, { ok: false, cancelled: false, error: wrongDriver(foreign) });
    return null;
  }
  if (!isJudgedByFact(job.kind)) return parts.work.resume(vm, job);

  const fact = factIn(seen, vm.id);
  closeJob(deps, parts, job, outcomeByFact(job.kind, fact), { ...nothingKnown, machine: fact });
  return null;
}

function closeJob(
  { jobs }: VmDeps,
  { ends, events }: Parts,
  job: VmJob,
  outcome: JobOutcome<Done>,
  facts = nothingKnown,
): void {
  jobs.close(job.id, outcome, () => ends.settle(job.vmId, job, outcome, facts));
  for (const vmId of [job.vmId, ...ends.takeReleased(job.id)]) events.changed(vmId);
}

/** Meters agree with rows again: also for VMs that were there before there were credits. */
function meterAll({ driver }: VmDeps, repo: VmRepo): void {
  for (const row of repo.list(null)) {
    if (foreignReason(row, driver.info) === null) repo.meter(row);
    else repo.meterAsUnknown(row);
  }
}

/** True when the row had to be changed. */
function settleVm(
  deps: VmDeps,
  parts: Parts,
  seen: Facts,
  row: VmRow,
  unfinished: readonly JobView[],
): boolean {
  const { repo, events } = parts;
  const isHeld = row.activeJobId !== null && unfinished.some((job) => job.id === row.activeJobId);
  if (isHeld) return false;

  const nowMs = deps.clock.now();
  const fact = factIn(seen, row.id);
  // Under way, but nobody is at work: only a database restored or edited by hand can say so.
  const isStray = row.activeJobId !== null || !isSettled(row.state);
  const change = isStray ? conditionOf(fact, row, nowMs) : applyFact(row, fact, nowMs);
  if (isStray) deps.log.warn({ vm: refOf(row), state: row.state }, "A VM was under way without a job");
  if (row.activeJobId !== null) repo.releaseLock(row.id);
  if (!change) return false;
  repo.setCondition(row.id, change);
  events.changed(row.id);
  return true;
}

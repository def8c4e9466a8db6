/** Brings rows, jobs and the hypervisor together at the start, before anybody can call. */
import type { JobView, VmId } from "#protocol";
import type { JobFailure } from "../../core/jobs.ts";
import type { ObservedVm, VmRef } from "../../drivers/vm-driver.ts";
import type { VmDeps } from "./deps.ts";
import { factIn, type HostFacts } from "./host-facts.ts";
import type { VmEvents } from "./vm-events.ts";
import { afterFailure, afterSuccess, applyFact, conditionOf, outcomeByFact } from "./vm-facts.ts";
import type { VmRepo, VmRow } from "./vm-repo.ts";
import { isSettled } from "./vm-state.ts";
import { foreignReason, refOf } from "./vm-view.ts";
import type { VmWork } from "./vm-work.ts";

export interface ReconcileReport {
  readonly hostAnswered: boolean;
  /** Interrupted jobs whose end was clear from the facts. */
  readonly settledJobs: number;
  /** Interrupted creates and destroys that go on in the background. */
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
  const known = new Set(parts.repo.list(null).map((row) => row.id));
  const orphans = [...(seen?.values() ?? [])].map(({ ref }) => ref).filter(({ vmId }) => !known.has(vmId));
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
  const { driver, jobs, clock } = deps;
  const vm = parts.repo.find(job.vmId);
  if (vm?.activeJobId !== job.id) {
    jobs.close(job.id, { ok: false, cancelled: true, error: overtaken });
    return null;
  }
  const foreign = foreignReason(vm, driver.info);
  if (foreign !== null) {
    const error = wrongDriver(foreign);
    const after = afterFailure(job.kind, error, null, vm, clock.now());
    jobs.close(job.id, { ok: false, cancelled: false, error }, () => parts.repo.endJob(vm.id, job.id, after));
    return null;
  }
  if (job.kind === "vm.create" || job.kind === "vm.destroy") return parts.work.resume(vm, job);

  const fact = factIn(seen, vm.id);
  const outcome = outcomeByFact(job.kind, fact);
  const after = outcome.ok
    ? afterSuccess(job.kind, fact?.ip ?? null, clock.now())
    : afterFailure(job.kind, outcome.error, fact, vm, clock.now());
  jobs.close(job.id, outcome, () => parts.repo.endJob(vm.id, job.id, after));
  parts.events.changed(vm.id);
  return null;
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

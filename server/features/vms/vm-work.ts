/** The background work of each kind of job, and what its end writes. */
import type { JobId, JobView } from "#protocol";
import { AppError } from "../../core/errors.ts";
import type { JobOutcome, JobPlan, JobRun } from "../../core/jobs.ts";
import type { VmDeps } from "./deps.ts";
import type { HostFacts } from "./host-facts.ts";
import type { VmEvents } from "./vm-events.ts";
import { afterFailure, afterSuccess, interrupted, type MaybeFact } from "./vm-facts.ts";
import type { VmRepo, VmRow } from "./vm-repo.ts";
import { machineOf, refOf } from "./vm-view.ts";
import type { VmWatch } from "./vm-watch.ts";

/** What work yields: the address of a VM that runs afterwards. */
type Address = string | null;

export interface VmWork {
  /** Starts the job; `replaces` is cancelled and has ended before anything else is done. */
  begin(vm: VmRow, job: JobView, replaces?: JobId | null): Promise<unknown>;
  /** Takes up a job that a crash interrupted: a create is undone, a destroy goes on. */
  resume(vm: VmRow, job: JobView): Promise<unknown>;
}

interface Parts {
  readonly repo: VmRepo;
  readonly events: VmEvents;
  readonly facts: HostFacts;
  readonly watch: VmWatch;
}

export function createVmWork(deps: VmDeps, parts: Parts): VmWork {
  const { driver, jobs } = deps;

  async function create(vm: VmRow, run: JobRun): Promise<Address> {
    try {
      return (await driver.create(machineOf(vm), run)).ip;
    } catch (error) {
      throw await undo(driver, vm, run, error);
    }
  }

  async function resumeCreate(vm: VmRow, run: JobRun): Promise<never> {
    const { code, message } = interrupted;
    throw await undo(driver, vm, run, new AppError(code, message));
  }

  async function act(vm: VmRow, { kind }: JobView, run: JobRun): Promise<Address> {
    const ref = refOf(vm);
    switch (kind) {
      case "vm.create":
        return create(vm, run);
      case "vm.start":
        return (await driver.start(ref, run)).ip;
      case "vm.restart":
        return (await driver.restart(ref, run)).ip;
      case "vm.stop":
        await driver.stop(ref, run);
        return null;
      case "vm.destroy":
        await driver.destroy(ref, run);
        return null;
      default:
        return kind satisfies never;
    }
  }

  function planOf(vm: VmRow, job: JobView, work: (run: JobRun) => Promise<Address>): JobPlan<Address> {
    let fact: MaybeFact = null;
    return {
      async work(run) {
        try {
          return await work(run);
        } catch (error) {
          // Only now, and not from earlier events: the failure itself may have changed the fact.
          parts.watch.forget(vm.id);
          if (leavesMachine(job)) fact = await parts.facts.of(refOf(vm));
          throw error;
        }
      },
      settle: (outcome) => settle(deps, parts.repo, { vm, job, outcome, fact }),
      ended: (outcome) => announce(parts, vm, job, outcome),
    };
  }

  return {
    begin(vm, job, replaces = null) {
      const plan = planOf(vm, job, async (run) => {
        if (replaces !== null) await jobs.abort(replaces, "Cancelled because the VM is being destroyed");
        return act(vm, job, run);
      });
      return jobs.run(job.id, plan);
    },
    resume(vm, job) {
      const plan = planOf(vm, job, (run) => {
        run.output("info", "The server was restarted; going on from the facts found on the host");
        return job.kind === "vm.create" ? resumeCreate(vm, run) : act(vm, job, run);
      });
      return jobs.run(job.id, plan);
    },
  };
}

/** After a failed start, stop or restart there is a machine whose state decides. */
function leavesMachine({ kind }: JobView): boolean {
  return kind !== "vm.create" && kind !== "vm.destroy";
}

/** Removes what a failed create left; yields the error to report, with the failure of the clean-up if there is one. */
async function undo(driver: VmDeps["driver"], vm: VmRow, run: JobRun, error: unknown): Promise<unknown> {
  // Refused because something of that name is on the host already: that is not ours to remove.
  if (error instanceof AppError && error.code === "conflict") return error;
  const cleanup = run.forCleanup();
  cleanup.output("info", "Removing what was made so far");
  try {
    await driver.destroy(refOf(vm), cleanup);
    return error;
  } catch (cleanupError) {
    cleanup.output("error", "Some of it could not be removed; destroy the VM to try again");
    const known = error instanceof AppError ? error : new AppError("internal", "Creating the VM failed");
    const why = cleanupError instanceof Error ? cleanupError.message : String(cleanupError);
    const detail = [known.detail, `Cleaning up failed too: ${why}`].filter(Boolean).join("\n");
    return new AppError(known.code, known.message, {
      cause: new AggregateError([error, cleanupError]),
      detail,
    });
  }
}

interface End {
  readonly vm: VmRow;
  readonly job: JobView;
  readonly outcome: JobOutcome<Address>;
  readonly fact: MaybeFact;
}

function settle({ clock }: VmDeps, repo: VmRepo, { vm, job, outcome, fact }: End): void {
  const nowMs = clock.now();
  const row = repo.find(vm.id);
  // A destroy has taken the VM over: what this job did is no longer its state.
  if (row?.activeJobId !== job.id) return;
  if (!outcome.ok) return repo.endJob(vm.id, job.id, afterFailure(job.kind, outcome.error, fact, row, nowMs));
  if (job.kind === "vm.destroy") return repo.markDestroyed(vm.id, nowMs);
  repo.endJob(vm.id, job.id, afterSuccess(job.kind, outcome.value, nowMs));
}

function announce(
  { repo, events, watch }: Parts,
  vm: VmRow,
  job: JobView,
  outcome: JobOutcome<Address>,
): void {
  if (outcome.ok && job.kind === "vm.destroy") {
    watch.forget(vm.id);
    return events.removed(vm);
  }
  if (repo.find(vm.id)?.activeJobId !== null) return;
  events.changed(vm.id);
  watch.catchUp(vm.id);
}

/** The background work of each kind of job, and what its end writes. */
import type { JobId, JobView } from "#protocol";
import { AppError } from "../../core/errors.ts";
import type { JobOutcome, JobPlan, JobRun } from "../../core/jobs.ts";
import type { VmDeps } from "./deps.ts";
import { type Address, create, perform, undo } from "./driver-calls.ts";
import type { HostFacts } from "./host-facts.ts";
import type { VmEvents } from "./vm-events.ts";
import { afterFailure, afterSuccess, interrupted, type MaybeFact } from "./vm-facts.ts";
import type { VmRepo, VmRow } from "./vm-repo.ts";
import { refOf } from "./vm-view.ts";
import type { VmWatch } from "./vm-watch.ts";

interface Parts {
  readonly repo: VmRepo;
  readonly events: VmEvents;
  readonly facts: HostFacts;
  readonly watch: VmWatch;
}

export class VmWork {
  readonly #deps: VmDeps;
  readonly #parts: Parts;

  constructor(deps: VmDeps, parts: Parts) {
    this.#deps = deps;
    this.#parts = parts;
  }

  /** Starts the job; `replaces` is cancelled and has ended before anything else is done. */
  begin(vm: VmRow, job: JobView, replaces: JobId | null = null): Promise<unknown> {
    const { driver, jobs } = this.#deps;
    return this.#run(vm, job, async (run) => {
      if (replaces !== null) await jobs.abort(replaces, "Cancelled because the VM is being destroyed");
      return job.kind === "vm.create" ? create(driver, vm, run) : perform(driver, job.kind, vm, run);
    });
  }

  /** Takes up a job that a crash interrupted: a create is undone, a destroy goes on. */
  resume(vm: VmRow, job: JobView): Promise<unknown> {
    const { driver } = this.#deps;
    return this.#run(vm, job, async (run) => {
      run.output("info", "The server was restarted; going on from the facts found on the host");
      if (job.kind !== "vm.create") return perform(driver, job.kind, vm, run);
      throw await undo(driver, vm, run, new AppError(interrupted.code, interrupted.message));
    });
  }

  #run(vm: VmRow, job: JobView, work: (run: JobRun) => Promise<Address>): Promise<unknown> {
    const { facts, watch } = this.#parts;
    let fact: MaybeFact = null;
    const plan: JobPlan<Address> = {
      async work(run) {
        try {
          return await work(run);
        } catch (error) {
          // Only now, and not from earlier events: the failure itself may have changed the fact.
          watch.forget(vm.id);
          if (leavesMachine(job)) fact = await facts.of(refOf(vm));
          throw error;
        }
      },
      settle: (outcome) => this.#settle(vm, job, outcome, fact),
      ended: (outcome) => this.#announce(vm, job, outcome),
    };
    return this.#deps.jobs.run(job.id, plan);
  }

  #settle(vm: VmRow, job: JobView, outcome: JobOutcome<Address>, fact: MaybeFact): void {
    const { repo } = this.#parts;
    const nowMs = this.#deps.clock.now();
    const row = repo.find(vm.id);
    // A destroy has taken the VM over: what this job did is no longer its state.
    if (row?.activeJobId !== job.id) return;
    if (!outcome.ok)
      return repo.endJob(vm.id, job.id, afterFailure(job.kind, outcome.error, fact, row, nowMs));
    if (job.kind === "vm.destroy") return repo.markDestroyed(vm.id, nowMs);
    repo.endJob(vm.id, job.id, afterSuccess(job.kind, outcome.value, nowMs));
  }

  #announce(vm: VmRow, job: JobView, outcome: JobOutcome<Address>): void {
    const { repo, events, watch } = this.#parts;
    if (outcome.ok && job.kind === "vm.destroy") {
      watch.forget(vm.id);
      return events.removed(vm);
    }
    if (repo.find(vm.id)?.activeJobId !== null) return;
    events.changed(vm.id);
    watch.catchUp(vm.id);
  }
}

/** After a failed start, stop or restart there is a machine whose state decides. */
function leavesMachine({ kind }: JobView): boolean {
  return kind !== "vm.create" && kind !== "vm.destroy";
}

/** The background work of each kind of job: what is done, with what facts it ends, and who hears of it. */
import type { JobId, JobView } from "#protocol";
import { AppError } from "../../core/errors.ts";
import type { JobOutcome, JobPlan, JobRun } from "../../core/jobs.ts";
import type { VmDeps } from "./deps.ts";
import { type CallDeps, type Done, perform, removeSnapshot, undo } from "./driver-calls.ts";
import type { HostFacts } from "./host-facts.ts";
import { type EndFacts, type JobEnds, nothingKnown } from "./job-ends.ts";
import { driverNameOf } from "./snapshot-repo.ts";
import type { KeyDelivery } from "./ssh-keys/key-delivery.ts";
import { interrupted, leavesMachine } from "./vm-facts.ts";
import { refOf } from "./vm-view.ts";
import type { VmWatch } from "./vm-watch.ts";
import { newsOfJob } from "./vm-news.ts";
import type { VmParts } from "./vm-parts.ts";
import type { VmRow } from "./vm-row.ts";

interface Parts extends VmParts {
  readonly facts: HostFacts;
  readonly watch: VmWatch;
  readonly ends: JobEnds;
  readonly delivery: KeyDelivery;
}

export class VmWork {
  readonly #deps: VmDeps;
  readonly #parts: Parts;
  readonly #calls: CallDeps;

  constructor(deps: VmDeps, parts: Parts) {
    this.#deps = deps;
    this.#parts = parts;
    this.#calls = { ...deps, ...parts };
  }

  /** Starts the job; `replaces` is cancelled and has ended before anything else is done. */
  begin(vm: VmRow, job: JobView, replaces: JobId | null = null): Promise<unknown> {
    return this.#run(vm, job, async (run) => {
      if (replaces !== null)
        await this.#deps.jobs.abort(replaces, "Cancelled because the VM is being destroyed");
      return perform(this.#calls, { vm, job, run });
    });
  }

  /**
   * Takes up a job that a crash interrupted: what was being made is undone, a snapshot counts when it is whole, and what
   * can be done twice is done again.
   */
  resume(vm: VmRow, job: JobView): Promise<unknown> {
    return this.#run(vm, job, async (run) => {
      run.output("info", "The server was restarted; going on from the facts found on the host");
      const cut = new AppError(interrupted.code, interrupted.message);
      switch (job.kind) {
        case "vm.create":
        case "vm.clone":
          throw await undo(this.#deps.driver, vm, run, cut);
        case "snapshot.create":
          if (await this.#isWhole(vm)) return { aftermath: { state: "same" } };
          await this.#removeHalfSnapshot(vm, run);
          throw cut;
        default:
          return perform(this.#calls, { vm, job, run });
      }
    });
  }

  #run(vm: VmRow, job: JobView, work: (run: JobRun) => Promise<Done>): Promise<unknown> {
    const { ends, watch } = this.#parts;
    let facts: EndFacts = nothingKnown;
    const plan: JobPlan<Done> = {
      work: async (run) => {
        try {
          return await work(run);
        } catch (error) {
          // Only now, and not from earlier events: the failure itself may have changed the fact.
          watch.forget(vm.id);
          facts = await this.#factsAfter(vm, job);
          throw error;
        }
      },
      settle: (outcome) => ends.settle(vm.id, job, outcome, facts),
      ended: (outcome) => this.#announce(vm, job, outcome),
    };
    return this.#deps.jobs.run(job.id, plan);
  }

  async #factsAfter(vm: VmRow, { kind }: JobView): Promise<EndFacts> {
    if (!leavesMachine(kind)) return nothingKnown;
    const machine = await this.#parts.facts.of(refOf(vm));
    const snapshot = kind.startsWith("snapshot.") ? await this.#isWhole(vm).catch(() => null) : null;
    return { machine, snapshot };
  }

  /** Whether the snapshot that a job works on is whole on the host. Rejects without an answer. */
  async #isWhole(vm: VmRow): Promise<boolean | null> {
    const snapshot = this.#parts.snapshots.busyOf(vm.id);
    if (!snapshot) return null;
    return (await this.#deps.driver.listSnapshots(refOf(vm))).includes(driverNameOf(snapshot));
  }

  async #removeHalfSnapshot(vm: VmRow, run: JobRun): Promise<void> {
    const snapshot = this.#parts.snapshots.busyOf(vm.id);
    if (snapshot) await removeSnapshot(this.#deps, vm, driverNameOf(snapshot), run);
  }

  #announce(vm: VmRow, job: JobView, outcome: JobOutcome<Done>): void {
    const { repo, events, watch, ends, delivery } = this.#parts;
    for (const other of ends.takeReleased(job.id)) {
      events.changed(other);
      watch.catchUp(other);
    }
    this.#deps.admission.changed(vm.ownerId);
    const news = newsOfJob(vm, job, outcome);
    if (news) this.#deps.events.record(news);
    if (outcome.ok && job.kind === "vm.destroy") {
      watch.forget(vm.id);
      return events.removed(vm);
    }
    const row = repo.find(vm.id);
    if (row?.activeJobId !== null) return;
    events.changed(vm.id);
    watch.catchUp(vm.id);
    // A key that came while the machine was made has missed it.
    if (outcome.ok && !leavesMachine(job.kind)) delivery.refresh(row, job.createdAtMs);
  }
}

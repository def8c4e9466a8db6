/** Takes in facts that change behind our back, once no job works on the VM. */
import type { VmId } from "#protocol";
import type { Disposable } from "../../core/disposable.ts";
import type { EventLog } from "../../core/event-log.ts";
import type { ObservedVm } from "../../drivers/vm-driver.ts";
import type { VmDeps } from "./deps.ts";
import { factIn, type HostFacts } from "./host-facts.ts";
import type { VmEvents } from "./vm-events.ts";
import { applyFact, type MaybeFact } from "./vm-facts.ts";
import { newsOfFact } from "./vm-news.ts";
import type { VmRepo } from "./vm-repo.ts";
import { foreignReason } from "./vm-view.ts";
import type { VmRow } from "./vm-row.ts";

/** A VM in an unknown state is looked at again this often: the hypervisor may be back. */
const LOOK_AGAIN_MS = 30_000;

export interface VmWatch extends Disposable {
  /** Writes and publishes what a fact changes; nothing when a job works on the VM. */
  apply(vmId: VmId, fact: MaybeFact): void;
  /** Applies the newest fact that arrived while a job was at work. */
  catchUp(vmId: VmId): void;
  forget(vmId: VmId): void;
}

interface Parts {
  readonly repo: VmRepo;
  readonly events: VmEvents;
  readonly facts: HostFacts;
}

type WatchDeps = Pick<VmDeps, "driver" | "clock" | "log"> & { readonly eventLog: EventLog };

export function createVmWatch(deps: WatchDeps, { repo, events, facts }: Parts): VmWatch {
  const { driver, clock, log, eventLog } = deps;
  const late = new Map<VmId, ObservedVm>();
  let isLooking = false;

  const isOurs = (row: VmRow) => foreignReason(row, driver.info) === null;

  function apply(vmId: VmId, fact: MaybeFact): void {
    const row = repo.find(vmId);
    if (!row || row.activeJobId !== null || !isOurs(row)) return;
    const change = applyFact(row, fact, clock.now());
    if (!change) return;
    repo.setCondition(vmId, change);
    events.changed(vmId);
    const news = newsOfFact(row, row.state, change.state, change.errorMessage);
    if (news) eventLog.record(news);
  }

  function observe(observed: ObservedVm): void {
    const { vmId } = observed.ref;
    try {
      // A job's own steps look like changes behind our back; the last of them counts when it has ended.
      if (repo.find(vmId)?.activeJobId) late.set(vmId, observed);
      else apply(vmId, observed);
    } catch (error) {
      log.error({ err: error, vmId }, "A change on the host could not be written");
    }
  }

  async function lookAgain(): Promise<void> {
    const unknown = repo.list(null).filter((row) => row.state === "unknown" && isOurs(row));
    if (isLooking || unknown.length === 0) return;
    isLooking = true;
    const seen = await facts.all().finally(() => (isLooking = false));
    if (!seen) return;
    for (const { id } of unknown) apply(id, factIn(seen, id));
  }

  const watching = driver.watch(observe);
  const looking = clock.every(LOOK_AGAIN_MS, () => {
    lookAgain().catch((error: unknown) => log.error({ err: error }, "VMs could not be looked at again"));
  });
  return {
    apply,
    catchUp(vmId) {
      const observed = late.get(vmId);
      late.delete(vmId);
      if (observed) apply(vmId, observed);
    },
    forget: (vmId) => void late.delete(vmId),
    async dispose() {
      await watching.dispose();
      await looking.dispose();
    },
  };
}

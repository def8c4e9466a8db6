/** Warns before a lease ends, once each, and stops the VM at its end. Nothing is destroyed. */
import type { VmId } from "#protocol";
import type { Disposable } from "../../../core/disposable.ts";
import { AppError } from "../../../core/errors.ts";
import type { NewEvent } from "../../../core/event-log.ts";
import type { KeeperDeps } from "../schedule/schedule-keeper.ts";
import { leaseEnded, leaseStep } from "./lease-rules.ts";
import type { VmRow } from "../vm-row.ts";

const LOOK_EVERY_MS = 30_000;
/** A machine that does not go off, or comes on again behind our back, is told so no more often than this. */
const STOP_AGAIN_MS = 10 * 60_000;

/** `look` goes through all leases at once; call it when rows and host agree. */
export function createLeaseKeeper(deps: KeeperDeps): Disposable & { look(): void } {
  const { clock, log, repo } = deps;
  const stoppedAtMs = new Map<VmId, number>();
  function look(): void {
    for (const row of repo.withLease()) {
      try {
        keep(deps, stoppedAtMs, row);
      } catch (error) {
        log.error({ err: error, vmId: row.id }, "A lease could not be kept");
      }
    }
  }
  const timer = clock.every(LOOK_EVERY_MS, look);
  return { look, dispose: () => timer.dispose() };
}

function keep(deps: KeeperDeps, stoppedAtMs: Map<VmId, number>, row: VmRow): void {
  const { clock, repo, eventLog } = deps;
  const { leaseEndsAtMs, leaseWarnedHours } = row;
  if (leaseEndsAtMs === null) return;
  const step = leaseStep({ leaseEndsAtMs, leaseWarnedHours }, clock.now());
  switch (step.kind) {
    case "none":
      return;
    case "warn":
      repo.set(row.id, { leaseWarnedHours: step.hours });
      return eventLog.record(warningOf(row, step.hours));
    case "end":
      // Also when it was told before: a VM that was started on the host behind our back goes off again.
      if (!stop(deps, stoppedAtMs, row) || step.told) return;
      repo.set(row.id, leaseEnded);
      return eventLog.record(endOf(row));
    default:
      return step satisfies never;
  }
}

/** False while that cannot be: another job works on the VM, or nobody knows its state. The next look tries again. */
function stop({ actions, clock, log }: KeeperDeps, stoppedAtMs: Map<VmId, number>, row: VmRow): boolean {
  if (row.activeJobId !== null || row.state === "unknown") return false;
  if (row.state !== "running") return true;
  const nowMs = clock.now();
  if (nowMs - (stoppedAtMs.get(row.id) ?? Number.NEGATIVE_INFINITY) < STOP_AGAIN_MS) return true;
  stoppedAtMs.set(row.id, nowMs);
  try {
    actions.act(row, "stop", { actor: null });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.info({ err: error, vmId: row.id }, "A VM could not be stopped at the end of its lease");
  }
  return true;
}

function eventOf(row: VmRow, event: Pick<NewEvent, "severity" | "name" | "message">): NewEvent {
  return { ...event, type: "vm", ownerId: row.ownerId, vm: { id: row.id, name: row.name } };
}

function warningOf(row: VmRow, hours: number): NewEvent {
  const left = hours === 1 ? "1 hour" : `${hours} hours`;
  return eventOf(row, {
    severity: "warning",
    name: "vm.lease.ending",
    message: `The lease of ${row.name} ends in ${left}; then it is stopped, and nothing is destroyed`,
  });
}

function endOf(row: VmRow): NewEvent {
  return eventOf(row, {
    severity: "warning",
    name: "vm.lease.ended",
    message: `The lease of ${row.name} has ended; it is stopped and can run again once the lease is extended`,
  });
}

/** Stops and starts VMs by their schedules, once per due time, also for times that passed while the server was down. */
import type { Clock } from "../../../core/clock.ts";
import type { Disposable } from "../../../core/disposable.ts";
import { AppError } from "../../../core/errors.ts";
import type { EventLog } from "../../../core/event-log.ts";
import type { Log } from "../../../core/log.ts";
import type { VmActions } from "../vm-actions.ts";
import type { VmRepo } from "../vm-repo.ts";
import { planAction } from "../vm-state.ts";
import { dueAct, type ScheduledAct } from "./schedule-rules.ts";
import type { VmRow } from "../vm-row.ts";

/** A minute is the unit of schedules; twice in it keeps them on time. */
const LOOK_EVERY_MS = 30_000;

export interface KeeperDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly eventLog: EventLog;
  readonly repo: VmRepo;
  readonly actions: VmActions;
}

/** `look` goes through all schedules at once; call it when rows and host agree. */
export function createScheduleKeeper(deps: KeeperDeps): Disposable & { look(): void } {
  const { clock, log, repo } = deps;
  function look(): void {
    for (const row of repo.withSchedule()) {
      try {
        keep(deps, row);
      } catch (error) {
        log.error({ err: error, vmId: row.id }, "A schedule could not be kept");
      }
    }
  }
  const timer = clock.every(LOOK_EVERY_MS, look);
  return { look, dispose: () => timer.dispose() };
}

function keep(deps: KeeperDeps, row: VmRow): void {
  const { clock, repo } = deps;
  const nowMs = clock.now();
  const due = row.schedule && dueAct(row.schedule, row.scheduleDoneMs ?? row.createdAtMs, nowMs);
  // A VM at work is asked again when its job has ended; a later due time overtakes this one.
  if (!due || row.activeJobId !== null) return;
  // Before it is acted on: a start that is refused or fails is not tried all day long.
  repo.set(row.id, { scheduleDoneMs: nowMs });
  if (planAction(due.action, row.state).ok) act(deps, row, due);
}

function act({ actions, eventLog, log }: KeeperDeps, row: VmRow, { action, atMs }: ScheduledAct): void {
  const told = { type: "vm" as const, ownerId: row.ownerId, vm: { id: row.id, name: row.name } };
  try {
    actions.act(row, action, { actor: null });
    const verb = action === "stop" ? "stopped" : "started";
    const message = `${row.name} is ${verb} by its schedule`;
    eventLog.record({ ...told, severity: "info", name: `vm.schedule.${action}`, message });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.info({ err: error, vmId: row.id, action, atMs }, "A schedule was refused");
    const message = `${row.name} was not ${action === "stop" ? "stopped" : "started"} by its schedule: ${error.message}`;
    eventLog.record({ ...told, severity: "warning", name: "vm.schedule.refused", message });
  }
}

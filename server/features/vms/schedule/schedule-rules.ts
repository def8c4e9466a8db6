/** Pure: when a schedule stops and starts its VM. Times are of its own zone, days with a changed clock included. */
import { Cron } from "croner";
import type { VmSchedule } from "#protocol";
import { AppError } from "../../../core/errors.ts";

export interface ScheduledAct {
  readonly action: "start" | "stop";
  readonly atMs: number;
}

/** Every act comes back within a week; a day more covers a changed clock. */
const LONGEST_MS = 8 * 24 * 60 * 60 * 1000;
/** Parsing a pattern costs more than asking it; a class of VMs shares a few. */
const MAX_KEPT = 500;
const kept = new Map<string, Cron>();

/**
 * At the local time on these days. A time that the clock leaps over in spring comes right after the leap, one that
 * comes twice in autumn counts once.
 */
function cronOf(time: string, { days, timeZone }: VmSchedule): Cron {
  const [hour = "0", minute = "0"] = time.split(":");
  const pattern = `0 ${Number(minute)} ${Number(hour)} * * ${[...new Set(days)].sort().join(",")}`;
  const key = `${pattern} ${timeZone}`;
  const known = kept.get(key);
  if (known) return known;
  if (kept.size >= MAX_KEPT) kept.clear();
  const cron = new Cron(pattern, { timezone: timeZone, paused: true });
  kept.set(key, cron);
  return cron;
}

function timesOf(schedule: VmSchedule): { readonly action: "start" | "stop"; readonly cron: Cron }[] {
  const { stopAt, startAt } = schedule;
  return [
    ...(stopAt === null ? [] : [{ action: "stop" as const, cron: cronOf(stopAt, schedule) }]),
    ...(startAt === null ? [] : [{ action: "start" as const, cron: cronOf(startAt, schedule) }]),
  ];
}

/** The next act after `afterMs`. */
export function nextAct(schedule: VmSchedule, afterMs: number): ScheduledAct | null {
  const next = timesOf(schedule).flatMap(({ action, cron }) => {
    const at = cron.nextRun(new Date(afterMs));
    return at === null ? [] : [{ action, atMs: at.getTime() }];
  });
  return next.toSorted((a, b) => a.atMs - b.atMs)[0] ?? null;
}

/**
 * What is due now: the newest act after `doneMs` and up to `nowMs`. Older ones that were missed are overtaken by it, so
 * that a server that was down over a stop and a start does not switch a VM off and on again.
 */
export function dueAct(schedule: VmSchedule, doneMs: number, nowMs: number): ScheduledAct | null {
  let newest: ScheduledAct | null = null;
  for (const { action, cron } of timesOf(schedule)) {
    let atMs = cron.nextRun(new Date(Math.max(doneMs, nowMs - LONGEST_MS)))?.getTime();
    while (atMs !== undefined && atMs <= nowMs) {
      if (newest === null || atMs > newest.atMs) newest = { action, atMs };
      atMs = cron.nextRun(new Date(atMs))?.getTime();
    }
  }
  return newest;
}

/** Throws `invalid_input` for a schedule that says nothing or contradicts itself. */
export function checkSchedule(schedule: VmSchedule): void {
  if (schedule.stopAt === null && schedule.startAt === null)
    throw new AppError("invalid_input", "schedule must name stopAt, startAt or both", { field: "schedule" });
  if (schedule.stopAt === schedule.startAt)
    throw new AppError("invalid_input", "schedule.startAt must be another time than stopAt", {
      field: "schedule.startAt",
    });
}

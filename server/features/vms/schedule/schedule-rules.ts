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
const kept = new Map<string, Times>();

/** Asking a pattern takes tens of microseconds, and lists of VMs ask for the same next time over and over. */
class Times {
  readonly #cron: Cron;
  #fromMs = 0;
  #nextMs: number | null = 0;

  constructor(pattern: string, timeZone: string) {
    this.#cron = new Cron(pattern, { timezone: timeZone, paused: true });
  }

  /** The first time after `afterMs`. */
  next(afterMs: number): number | null {
    const isKnown = afterMs >= this.#fromMs && this.#nextMs !== null && afterMs < this.#nextMs;
    if (isKnown) return this.#nextMs;
    this.#fromMs = afterMs;
    this.#nextMs = this.#cron.nextRun(new Date(afterMs))?.getTime() ?? null;
    return this.#nextMs;
  }
}

/**
 * At the local time on these days. A time that the clock leaps over in spring comes right after the leap, one that
 * comes twice in autumn counts once.
 */
function timesAt(time: string, { days, timeZone }: VmSchedule): Times {
  const [hour = "0", minute = "0"] = time.split(":");
  const pattern = `0 ${Number(minute)} ${Number(hour)} * * ${[...new Set(days)].sort().join(",")}`;
  const key = `${pattern} ${timeZone}`;
  const known = kept.get(key);
  if (known) return known;
  if (kept.size >= MAX_KEPT) kept.clear();
  const times = new Times(pattern, timeZone);
  kept.set(key, times);
  return times;
}

function timesOf(schedule: VmSchedule): { readonly action: "start" | "stop"; readonly times: Times }[] {
  const { stopAt, startAt } = schedule;
  return [
    ...(stopAt === null ? [] : [{ action: "stop" as const, times: timesAt(stopAt, schedule) }]),
    ...(startAt === null ? [] : [{ action: "start" as const, times: timesAt(startAt, schedule) }]),
  ];
}

/** The next act after `afterMs`. */
export function nextAct(schedule: VmSchedule, afterMs: number): ScheduledAct | null {
  const next = timesOf(schedule).flatMap(({ action, times }) => {
    const atMs = times.next(afterMs);
    return atMs === null ? [] : [{ action, atMs }];
  });
  return next.toSorted((a, b) => a.atMs - b.atMs)[0] ?? null;
}

/**
 * What is due now: the newest act after `doneMs` and up to `nowMs`. Older ones that were missed are overtaken by it, so
 * that a server that was down over a stop and a start does not switch a VM off and on again.
 */
export function dueAct(schedule: VmSchedule, doneMs: number, nowMs: number): ScheduledAct | null {
  let newest: ScheduledAct | null = null;
  for (const { action, times } of timesOf(schedule)) {
    let atMs = times.next(Math.max(doneMs, nowMs - LONGEST_MS));
    while (atMs !== null && atMs <= nowMs) {
      if (newest === null || atMs > newest.atMs) newest = { action, atMs };
      atMs = times.next(atMs);
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

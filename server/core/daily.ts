/** Housekeeping: once now and once a day, and a failure waits for the next day. */
import type { Clock } from "./clock.ts";
import type { Disposable } from "./disposable.ts";
import type { Log } from "./log.ts";

export const DAY_MS = 24 * 60 * 60 * 1000;

interface DailyDeps {
  readonly clock: Clock;
  readonly log: Log;
}

/** `work` gives the number of things removed. */
export function daily({ clock, log }: DailyDeps, what: string, work: (nowMs: number) => number): Disposable {
  const run = () => {
    try {
      const removed = work(clock.now());
      if (removed > 0) log.info({ what, removed }, "housekeeping");
    } catch (error) {
      log.error({ err: error, what }, "housekeeping failed");
    }
  };
  run();
  return clock.every(DAY_MS, run);
}

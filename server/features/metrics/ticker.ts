/** One beat a second, on the second, for everything that is measured. */
import { limits } from "#protocol";
import type { Clock } from "../../core/clock.ts";
import type { Disposable } from "../../core/disposable.ts";

/** `onTick` gets the number of the second; a tick that comes late does not shift those after it. */
export function createTicker(clock: Clock, onTick: (second: number) => void): Disposable {
  const stepMs = limits.hostSampleEveryMs;
  let timer: Disposable | null = null;

  function schedule(): void {
    const nowMs = clock.now();
    const untilNextMs = stepMs - (nowMs % stepMs);
    // A timer may fire a little early; without this the same second would tick twice.
    const waitMs = untilNextMs < stepMs / 2 ? untilNextMs + stepMs : untilNextMs;
    timer = clock.after(waitMs, () => {
      schedule();
      onTick(Math.round(clock.now() / stepMs));
    });
  }

  schedule();
  return { dispose: () => timer?.dispose() };
}

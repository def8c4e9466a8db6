/** Time as a dependency, so that tests move it by hand. */
import type { Disposable } from "./disposable.ts";

export interface Clock {
  /** Unix epoch milliseconds. */
  now(): number;
  /** Calls `fn` once after `ms`. */
  after(ms: number, fn: () => void): Disposable;
  /** Calls `fn` every `ms`. */
  every(ms: number, fn: () => void): Disposable;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    return { dispose: () => clearTimeout(timer) };
  },
  every(ms, fn) {
    const timer = setInterval(fn, ms);
    return { dispose: () => clearInterval(timer) };
  },
};

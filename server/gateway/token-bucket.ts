/** Frames a socket may send: a bucket that refills with time. */
import { limits } from "#protocol";

/** By hand, because rate-limiter-flexible makes a promise and a timer per call: more than a whole frame costs here. */
export class TokenBucket {
  #tokens: number = limits.framesPerSecond;
  #refilledAtMs: number;

  constructor(nowMs: number) {
    this.#refilledAtMs = nowMs;
  }

  /** False when the budget of `framesPerSecond`, and a burst of as many, is used up. */
  take(nowMs: number): boolean {
    if (nowMs !== this.#refilledAtMs) {
      const elapsedMs = Math.max(0, nowMs - this.#refilledAtMs);
      const earned = (elapsedMs * limits.framesPerSecond) / 1_000;
      this.#tokens = Math.min(limits.framesPerSecond, this.#tokens + earned);
      this.#refilledAtMs = nowMs;
    }
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Gives back a part of a frame just taken, which turned out to be a light one. */
  giveBack(part: number): void {
    this.#tokens = Math.min(limits.framesPerSecond, this.#tokens + part);
  }
}

/** A clock that stands still until it is told to go on. Fits the server's `Clock` and the client's. */

interface Due {
  atMs: number;
  readonly everyMs: number | null;
  readonly fn: () => void;
}

export class ManualClock {
  #nowMs: number;
  readonly #due = new Set<Due>();

  constructor(startMs = 1_000_000) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, fn: () => void): { dispose(): void } {
    return this.#add({ atMs: this.#nowMs + ms, everyMs: null, fn });
  }

  every(ms: number, fn: () => void): { dispose(): void } {
    return this.#add({ atMs: this.#nowMs + ms, everyMs: ms, fn });
  }

  /** Timers that would still fire. */
  get waiting(): number {
    return this.#due.size;
  }

  /** Lets `ms` pass; what falls due runs in order, each at its own time. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const next = [...this.#due].filter((due) => due.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      if (next.everyMs === null) this.#due.delete(next);
      else next.atMs += next.everyMs;
      next.fn();
    }
    this.#nowMs = untilMs;
  }

  #add(due: Due): { dispose(): void } {
    this.#due.add(due);
    return { dispose: () => void this.#due.delete(due) };
  }
}

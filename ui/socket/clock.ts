/** Time as a dependency, in the shape of the server's clock, so that tests move it by hand. */

export interface Timer {
  dispose(): unknown;
}

export interface ClientClock {
  /** Unix epoch milliseconds. */
  now(): number;
  after(ms: number, fn: () => void): Timer;
  every(ms: number, fn: () => void): Timer;
}

export const systemClientClock: ClientClock = {
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

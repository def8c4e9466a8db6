/** One subscription for many users: starts with the first, ends a while after the last. */
export interface SharedSubscription {
  /** Begin to use it; call the result to stop. */
  acquire(): () => void;
}

export interface Timers {
  start(run: () => void, delayMs: number): () => void;
}

const browserTimers: Timers = {
  start(run, delayMs) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Going from page to page must not fetch ten minutes of history each time. */
const LINGER_MS = 30_000;

export function createSharedSubscription(
  subscribe: () => () => void,
  timers: Timers = browserTimers,
): SharedSubscription {
  let users = 0;
  let end: (() => void) | null = null;
  let cancelEnd: (() => void) | null = null;

  function release() {
    users -= 1;
    if (users > 0) return;
    cancelEnd = timers.start(() => {
      cancelEnd = null;
      end?.();
      end = null;
    }, LINGER_MS);
  }

  return {
    acquire() {
      users += 1;
      cancelEnd?.();
      cancelEnd = null;
      end ??= subscribe();
      let released = false;
      return () => {
        if (!released) release();
        released = true;
      };
    },
  };
}

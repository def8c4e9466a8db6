/** How long to wait before the next try. Full jitter: a restarted server must not meet all its clients in one moment. */
import type { CloseName } from "#protocol";

const FIRST_MS = 500;
const CAP_MS = 15_000;
/** A client that was told to slow down starts at 4 s. */
const SLOW_START = 3;

/** `attempt` counts from 0; `random` gives 0 up to 1. */
export function backoffMs(attempt: number, closedBy: CloseName | null, random: () => number): number {
  const step = closedBy === "rate_limited" ? Math.max(attempt, SLOW_START) : attempt;
  return Math.round(random() * Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(step, 10)));
}

/** Who may work when: one action per VM at a time, and only a few boots at once on this host. */
import PQueue from "p-queue";
import type { DriverRun } from "./vm-driver.ts";
import { abortError } from "./deadline.ts";

export interface Turns {
  /** Waits for the machine's earlier actions, then works alone on it. */
  ofMachine<T>(domain: string, run: DriverRun, work: () => Promise<T>): Promise<T>;
  /** Waits for a free place among the few boots this host can do well at once. */
  ofHost<T>(run: DriverRun, work: () => Promise<T>): Promise<T>;
}

export function createTurns(boots: number): Turns {
  const machines = new Map<string, PQueue>();
  const host = new PQueue({ concurrency: boots });
  return {
    async ofMachine(domain, run, work) {
      const queue = machines.get(domain) ?? new PQueue({ concurrency: 1 });
      machines.set(domain, queue);
      try {
        return await turn(queue, run, work);
      } finally {
        if (queue.size === 0 && queue.pending === 0) machines.delete(domain);
      }
    },
    ofHost(run, work) {
      if (host.pending >= boots) run.step("Waiting for other machines to boot", 0);
      return turn(host, run, work);
    },
  };
}

/** An abort ends the waiting at once; work that has begun is left to end itself, clean-up included. */
async function turn<T>(queue: PQueue, run: DriverRun, work: () => Promise<T>): Promise<T> {
  const waiting = new AbortController();
  const onAbort = () => waiting.abort(run.signal.reason);
  run.signal.addEventListener("abort", onAbort, { once: true });
  if (run.signal.aborted) throw abortError(run.signal, null);
  try {
    return await queue.add(
      () => {
        run.signal.removeEventListener("abort", onAbort);
        return work();
      },
      { signal: waiting.signal },
    );
  } catch (error) {
    throw waiting.signal.aborted ? abortError(waiting.signal, error) : error;
  } finally {
    run.signal.removeEventListener("abort", onAbort);
  }
}

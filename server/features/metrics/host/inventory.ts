/** What the host is made of: asked of a system-probe program now and then, because asking is slow. */
import { type HostInventory, hostInventory } from "#protocol";
import { childEnvironment } from "../../../core/child-environment.ts";
import type { Clock } from "../../../core/clock.ts";
import type { Disposable } from "../../../core/disposable.ts";
import type { Log } from "../../../core/log.ts";
import { PROBE_FILE } from "./probe-metrics.ts";

/** A program that ends costs the server no memory; starting it costs 0.2 s of CPU, so not often. */
const REFRESH_MS = 5 * 60_000;
/** Some of what is asked of can hang, such as a dead network mount. */
const GIVE_UP_MS = 30_000;

export interface Inventory extends Disposable {
  readonly current: HostInventory | null;
}

export function createInventory(clock: Clock, log: Log): Inventory {
  let current: HostInventory | null = null;
  let probe: Bun.Subprocess<"ignore", "pipe", "ignore"> | null = null;

  async function refresh(): Promise<void> {
    if (probe) return;
    probe = Bun.spawn([process.execPath, PROBE_FILE, "inventory"], {
      env: childEnvironment(),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
      timeout: GIVE_UP_MS,
    });
    try {
      const answer: unknown = JSON.parse(await Bun.readableStreamToText(probe.stdout));
      current = hostInventory.parse(answer);
    } finally {
      probe = null;
    }
  }

  let isDisposed = false;
  const refreshOrLog = () =>
    void refresh().catch((error: unknown) => {
      if (!isDisposed) log.warn({ err: error }, "The inventory of the host could not be read");
    });
  refreshOrLog();
  const refreshing = clock.every(REFRESH_MS, refreshOrLog);
  return {
    get current() {
      return current;
    },
    async dispose() {
      isDisposed = true;
      void refreshing.dispose();
      probe?.kill();
      await probe?.exited;
    },
  };
}

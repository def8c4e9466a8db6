/** What the engine says about our containers: all of them at once, and each change as it comes. */
import { z } from "zod";
import type { Disposable } from "../../core/disposable.ts";
import type { ObservedVm, VmRef } from "../vm-driver.ts";
import { pause } from "../deadline.ts";
import { readLines } from "../virsh/domain-events.ts";
import { listContainers, observe, settleNames } from "./containers.ts";
import { pathOf } from "./engine-api.ts";
import type { EngineHost } from "./engine-host.ts";
import { LABEL, refOfLabel } from "./names.ts";

const RECONNECT_MS = 1_000;
/** What changes whether a machine runs, or is there at all. */
const ACTIONS = new Set([
  "start",
  "die",
  "died",
  "stop",
  "kill",
  "pause",
  "unpause",
  "destroy",
  "remove",
  "create",
  "oom",
]);

const eventLine = z.object({
  Action: z.string(),
  Actor: z.object({ Attributes: z.record(z.string(), z.string()).nullish() }),
});

type Listener = (observed: ObservedVm) => void;

export class Observer implements Disposable {
  readonly #host: EngineHost;
  readonly #listeners = new Set<Listener>();
  readonly #stopping = new AbortController();
  #listening = false;
  /** One look at a machine at a time, so that an older answer never comes last. */
  readonly #looks = new Map<string, Promise<void>>();

  constructor(host: EngineHost) {
    this.#host = host;
  }

  async inspect(): Promise<readonly ObservedVm[]> {
    const listed = await listContainers(this.#host);
    await settleNames(this.#host, listed);
    const refs = new Map(
      [...listed.map(({ ref }) => ref), ...this.#host.folders.loadAll()].map((ref) => [
        keyOf(ref),
        refOf(ref),
      ]),
    );
    return Promise.all([...refs.values()].map((ref) => observe(this.#host, ref)));
  }

  watch(listener: Listener): Disposable {
    this.#listeners.add(listener);
    if (!this.#listening) void this.#listen();
    this.#listening = true;
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  look(ref: VmRef): Promise<void> {
    const key = keyOf(ref);
    const done = (this.#looks.get(key) ?? Promise.resolve()).then(() => this.#lookOnce(ref));
    this.#looks.set(key, done);
    void done.finally(() => this.#looks.get(key) === done && this.#looks.delete(key));
    return done;
  }

  dispose(): void {
    this.#stopping.abort();
    this.#listeners.clear();
  }

  async #lookOnce(ref: VmRef): Promise<void> {
    try {
      const observed = await observe(this.#host, refOf(ref));
      for (const listener of [...this.#listeners]) listener(observed);
    } catch (error) {
      // Listening begins anew as soon as the engine is back, and with it a look at everything.
      this.#host.log.warn({ err: error, ref }, "cannot look at a container");
    }
  }

  async #listen(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#hear(signal).catch((error: unknown) => {
        if (!signal.aborted) this.#host.log.warn({ err: error }, "the events of the container engine ended");
      });
      if (!signal.aborted) await pause(this.#host.clock, RECONNECT_MS, signal).catch(() => undefined);
    }
  }

  async #hear(signal: AbortSignal): Promise<void> {
    const filters = JSON.stringify({
      type: ["container"],
      label: [`${LABEL.instance}=${this.#host.instance}`],
    });
    const path = pathOf({ path: "/events", query: { filters } });
    // `timeout: false`: an idle cloud has no events for hours.
    const response = await fetch(`http://engine${path}`, {
      unix: this.#host.api.socket,
      signal,
      timeout: false,
    });
    if (!response.ok || response.body === null)
      throw new Error(`the engine refused to tell its events: ${response.status}`);
    // What happened while nobody listened.
    for (const { ref } of await this.inspect()) void this.look(ref);
    await readLines(response.body, (line) => this.#take(line));
  }

  #take(line: string): void {
    const parsed = eventLine.safeParse(parseJson(line));
    if (!parsed.success || !ACTIONS.has(parsed.data.Action)) return;
    const ref = refOfLabel(parsed.data.Actor.Attributes?.[LABEL.ref]);
    if (ref) void this.look(ref);
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

const keyOf = (ref: Pick<VmRef, "ownerId" | "name">): string => `${ref.ownerId}/${ref.name}`;
const refOf = ({ vmId, ownerId, name }: VmRef): VmRef => ({ vmId, ownerId, name });

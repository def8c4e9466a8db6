/** What libvirt says about our machines: all of them at once, and each change as it comes. */
import type { Disposable } from "../../core/disposable.ts";
import { watchDomainEvents } from "../virsh/domain-events.ts";
import type { ObservedState, ObservedVm, VmRef } from "../vm-driver.ts";
import type { DomainRefs } from "./domain-refs.ts";
import type { Host } from "./host.ts";

/** A machine switched on behind our back gets its address some seconds later, which is no event. */
const ADDRESS_LOOK_MS = 1_000;
const ADDRESS_LOOKS = 60;

type Listener = (observed: ObservedVm) => void;

export class Observer implements Disposable {
  readonly #listeners = new Set<Listener>();
  readonly #addressTimers = new Map<string, Disposable>();
  readonly #looks = new Map<string, { readonly done: Promise<void>; again: Promise<void> | null }>();
  #events: Disposable | null = null;
  #disposed = false;

  constructor(
    private readonly host: Host,
    private readonly refs: DomainRefs,
  ) {}

  async inspect(): Promise<readonly ObservedVm[]> {
    const [folders, states] = await Promise.all([this.refs.fromFolders(), this.host.domains.states()]);
    const observed = await Promise.all(
      [...new Set([...folders.keys(), ...states.keys()])].map(async (domain) => {
        const ref = folders.get(domain) ?? (await this.refs.of(domain));
        return ref && (await this.#observe(ref, domain, states.get(domain) ?? "absent"));
      }),
    );
    return observed.filter((vm) => vm !== null);
  }

  watch(listener: Listener): Disposable {
    this.#listeners.add(listener);
    this.#events ??= watchDomainEvents(this.host.domains.virsh, this.host, {
      onConnected: () => void this.#lookAtAll(),
      onEvent: ({ domain }) => void this.look(domain),
    });
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  /** Looks at one domain now and tells the watchers; one look at a time, so that an older answer never comes last. */
  look(domain: string): Promise<void> {
    const current = this.#looks.get(domain);
    if (current) {
      current.again ??= current.done.then(() => this.look(domain));
      return current.again;
    }
    const done = this.#lookOnce(domain)
      .catch((error: unknown) => {
        // Listening begins anew as soon as libvirt is back, and with it a look at everything.
        this.host.log.warn({ err: error, domain }, "cannot look at a machine");
      })
      .finally(() => this.#looks.delete(domain));
    this.#looks.set(domain, { done, again: null });
    return done;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#listeners.clear();
    for (const timer of this.#addressTimers.values()) timer.dispose();
    this.#addressTimers.clear();
    await this.#events?.dispose();
  }

  async #observe(ref: VmRef, domain: string, state: ObservedState): Promise<ObservedVm> {
    return { ref, state, ip: state === "running" ? await this.host.domains.ip(domain) : null };
  }

  async #lookOnce(domain: string): Promise<void> {
    const ref = await this.refs.of(domain);
    if (!ref) return;
    const observed = await this.#observe(ref, domain, await this.host.domains.state(domain));
    if (this.#disposed) return;
    this.#addressTimers.get(domain)?.dispose();
    this.#addressTimers.delete(domain);
    if (observed.state !== "running" && observed.state !== "paused") this.host.closeTerminals(domain);
    if (observed.state === "absent") this.refs.forget(domain);
    for (const listener of [...this.#listeners]) listener(observed);
    if (observed.state === "running" && observed.ip === null) this.#awaitAddress(domain, ADDRESS_LOOKS);
  }

  #awaitAddress(domain: string, looksLeft: number): void {
    if (looksLeft === 0 || this.#disposed) return;
    const timer = this.host.clock.after(ADDRESS_LOOK_MS, () => {
      void this.host.domains.ip(domain).then((ip) => {
        if (this.#addressTimers.get(domain) !== timer) return;
        this.#addressTimers.delete(domain);
        return ip === null ? this.#awaitAddress(domain, looksLeft - 1) : this.look(domain);
      });
    });
    this.#addressTimers.set(domain, timer);
  }

  async #lookAtAll(): Promise<void> {
    const before = this.refs.domains;
    try {
      const [folders, states] = await Promise.all([this.refs.fromFolders(), this.host.domains.states()]);
      const ours = [...states.keys()].filter((domain) => this.refs.isOurs(domain));
      await Promise.all(
        [...new Set([...before, ...folders.keys(), ...ours])].map((domain) => this.look(domain)),
      );
    } catch (error) {
      this.host.log.warn({ err: error }, "cannot look at the machines");
    }
  }
}

/** All open terminals of the server: who may reach which, how many, and when they end. */
import { type TerminalId, terminalId, type VmId } from "#protocol";
import type { Session } from "../../core/caller.ts";
import { AppError } from "../../core/errors.ts";
import type { TerminalSize, VmRef } from "../../drivers/vm-driver.ts";
import type { TerminalDeps } from "./deps.ts";
import { terminalLimits } from "./terminal-limits.ts";
import { type EndReason, TerminalSession } from "./terminal-session.ts";

export class SessionTable {
  readonly #deps: TerminalDeps;
  readonly #sessions = new Map<TerminalId, TerminalSession>();
  /** Shells on their way, so that two tabs that open a VM together share one. */
  readonly #opening = new Map<VmId, Promise<TerminalSession>>();
  readonly #openingBy = new Map<Session["userId"], number>();
  #isStopping = false;

  constructor(deps: TerminalDeps) {
    this.#deps = deps;
  }

  get(id: TerminalId): TerminalSession | undefined {
    return this.#sessions.get(id);
  }

  /** The same answer for "no such terminal" and "not yours". */
  find(id: TerminalId, session: Session): TerminalSession {
    const found = this.#sessions.get(id);
    if (!found || !mayUse(found, session)) throw new AppError("not_found", "No such terminal");
    return found;
  }

  newestOf(vm: VmId): TerminalSession | undefined {
    return [...this.#sessions.values()].findLast((session) => session.ref.vmId === vm);
  }

  /** A shell being opened for this VM counts as open, unless a fresh one is wanted. */
  openingOf(vm: VmId): Promise<TerminalSession> | undefined {
    return this.#opening.get(vm);
  }

  open(ref: VmRef, size: TerminalSize, session: Session): Promise<TerminalSession> {
    const opening = this.#open(ref, size, session);
    this.#opening.set(ref.vmId, opening);
    const forget = () => {
      if (this.#opening.get(ref.vmId) === opening) this.#opening.delete(ref.vmId);
    };
    opening.then(forget, forget);
    return opening;
  }

  endWhere(which: (session: TerminalSession) => boolean, reason: EndReason): void {
    for (const session of [...this.#sessions.values()]) if (which(session)) session.end(reason);
  }

  forEach(visit: (session: TerminalSession) => void): void {
    for (const session of [...this.#sessions.values()]) visit(session);
  }

  stop(): void {
    this.#isStopping = true;
    this.endWhere(() => true, "server_stopping");
  }

  async #open(ref: VmRef, size: TerminalSize, opener: Session): Promise<TerminalSession> {
    this.#makeRoom(opener.userId);
    const { driver, clock, bus } = this.#deps;
    const to = { kind: "key", key: "" } as const;
    const created = new TerminalSession({
      id: this.#freeId(),
      ref,
      openedBy: opener.userId,
      size,
      clock,
      changed: (session) =>
        bus.publish(
          "terminal.state",
          { ...to, key: String(session.id) },
          { kind: "changed", ...session.facts },
        ),
      ended: (session, reason, exitCode) => {
        this.#sessions.delete(session.id);
        bus.publish(
          "terminal.state",
          { ...to, key: String(session.id) },
          { kind: "ended", reason, exitCode },
        );
      },
    });
    this.#countOpening(opener.userId, 1);
    try {
      const stream = await driver.openTerminal(ref, size, (bytes) => created.take(bytes));
      try {
        this.#assertWanted(ref, opener);
      } catch (refusal) {
        stream.close();
        throw refusal;
      }
      this.#sessions.set(created.id, created);
      created.run(stream);
      return created;
    } finally {
      this.#countOpening(opener.userId, -1);
    }
  }

  /** Opening a shell takes a while: meanwhile its VM may have stopped, or the server. */
  #assertWanted(ref: VmRef, opener: Session): void {
    if (this.#isStopping) throw new AppError("unavailable", "The server is stopping");
    const { state } = this.#deps.findVm(opener, ref.vmId);
    if (state !== "running") throw new AppError("conflict", `${ref.name} is ${state} now`);
  }

  #makeRoom(user: Session["userId"]): void {
    const own = [...this.#sessions.values()].filter((session) => session.openedBy === user);
    if (own.length + (this.#openingBy.get(user) ?? 0) < terminalLimits.sessionsPerUser) return;
    const unwatched = own.find((session) => session.facts.viewers === 0);
    if (!unwatched)
      throw new AppError(
        "conflict",
        `You have ${terminalLimits.sessionsPerUser} terminals open; close one first`,
      );
    unwatched.end("closed");
  }

  #countOpening(user: Session["userId"], change: 1 | -1): void {
    const count = (this.#openingBy.get(user) ?? 0) + change;
    if (count > 0) this.#openingBy.set(user, count);
    else this.#openingBy.delete(user);
  }

  /** Random, so that an id of before a restart of the server does not name another shell now. */
  #freeId(): TerminalId {
    for (;;) {
      const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
      const id = terminalId.safeParse(random);
      if (id.success && !this.#sessions.has(id.data)) return id.data;
    }
  }
}

/** The VM's owner, and admins; asked for every message, because roles change. */
export function mayUse(terminal: TerminalSession, session: Session): boolean {
  return terminal.ref.ownerId === session.userId || session.role === "admin";
}

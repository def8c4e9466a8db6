/** All open sockets: caps, the end of sessions, and one tick that looks at backlog, silence, rights and late log-ins. */
import type { CloseName, UserId } from "#protocol";
import { limits } from "#protocol";
import type { SessionsEnded } from "../core/bus.ts";
import type { Clock } from "../core/clock.ts";
import type { Disposable } from "../core/disposable.ts";
import type { Socket } from "./socket.ts";

/** A backlog is seen within this. */
const SWEEP_EVERY_MS = 250;
/** Rights, silence and late log-ins are seen within this. */
const INSPECT_EVERY_MS = 1_000;
/** Sockets that have not said who they are; the oldest is closed for the newest. */
const ANONYMOUS_SOCKETS = 200;

export class Sockets {
  readonly #clock: Clock;
  /** In order of arrival. */
  readonly #all = new Set<Socket>();
  readonly #anonymous = new Set<Socket>();
  readonly #byUser = new Map<UserId, Set<Socket>>();
  readonly #afterSweep: () => void;
  readonly #timer: Disposable;
  #inspectedAtMs: number;
  #isSweepDue = false;

  constructor(clock: Clock, afterSweep: () => void) {
    this.#clock = clock;
    this.#afterSweep = afterSweep;
    this.#inspectedAtMs = clock.now();
    this.#timer = clock.every(SWEEP_EVERY_MS, () => this.#tick());
  }

  get count(): number {
    return this.#all.size;
  }

  /** Users with an open socket. */
  get userCount(): number {
    return this.#byUser.size;
  }

  opened(socket: Socket): void {
    this.#all.add(socket);
    this.#anonymous.add(socket);
    endOldest(this.#anonymous, ANONYMOUS_SOCKETS);
  }

  authenticated(socket: Socket, userId: UserId): void {
    this.#anonymous.delete(socket);
    const mine = this.#byUser.get(userId) ?? new Set();
    this.#byUser.set(userId, mine.add(socket));
    endOldest(mine, limits.socketsPerUser);
  }

  gone(socket: Socket): void {
    this.#all.delete(socket);
    this.#anonymous.delete(socket);
    if (socket.userId === null) return;
    const mine = this.#byUser.get(socket.userId);
    if (mine?.delete(socket) && mine.size === 0) this.#byUser.delete(socket.userId);
  }

  endSessions(which: SessionsEnded): void {
    const candidates = which.kind === "user" ? (this.#byUser.get(which.userId) ?? []) : this.#all;
    for (const socket of [...candidates]) {
      if (which.kind === "user" || socket.state.sessionId === which.sessionId) socket.endSession();
    }
  }

  /** Looks at the backlogs right after this tick, when Bun has handed out what was published in it. */
  sweepSoon(): void {
    if (this.#isSweepDue) return;
    this.#isSweepDue = true;
    setImmediate(() => this.#sweep());
  }

  endAll(name: CloseName): void {
    for (const socket of [...this.#all]) socket.end(name);
  }

  dispose(): void {
    void this.#timer.dispose();
  }

  #tick(): void {
    this.#sweep();
    const now = this.#clock.now();
    if (now - this.#inspectedAtMs < INSPECT_EVERY_MS) return;
    this.#inspectedAtMs = now;
    for (const socket of [...this.#anonymous]) {
      if (now - socket.openedAtMs >= limits.authTimeoutMs) socket.end("unauthenticated");
    }
    for (const socket of [...this.#all]) socket.inspect(now);
  }

  #sweep(): void {
    this.#isSweepDue = false;
    for (const socket of [...this.#all]) socket.sweep();
    this.#afterSweep();
  }
}

function endOldest(sockets: Set<Socket>, allowed: number): void {
  const [oldest] = sockets;
  if (oldest && sockets.size > allowed) oldest.end("rate_limited");
}

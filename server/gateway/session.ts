/** What the gateway remembers of one socket's conversation: who speaks, how fast, how badly, and what is unanswered. */
import type { Role } from "#protocol";
import { limits } from "#protocol";
import type { Session } from "../core/caller.ts";
import type { SessionGate } from "../core/ports.ts";
import { TokenBucket } from "./token-bucket.ts";

export class SocketSession {
  readonly #gate: SessionGate;
  readonly #bucket: TokenBucket;
  readonly #pendingIds = new Set<number>();
  #sessionId: string | null = null;
  #role: Role | null = null;
  #expiresAtMs = Number.POSITIVE_INFINITY;
  #strikes = 0;
  lastFrameAtMs: number;

  constructor(gate: SessionGate, nowMs: number) {
    this.#gate = gate;
    this.#bucket = new TokenBucket(nowMs);
    this.lastFrameAtMs = nowMs;
  }

  get sessionId(): string | null {
    return this.#sessionId;
  }

  begin(session: Session): void {
    this.#sessionId = session.sessionId;
    this.#role = session.role;
    this.#expiresAtMs = session.expiresAtMs;
  }

  /** The session with its rights as of now; null before the log-in and after its end. */
  current(nowMs: number): Session | null {
    if (this.#sessionId === null || nowMs >= this.#expiresAtMs) return null;
    return this.#gate.current(this.#sessionId);
  }

  /** True once after the admin role was taken away. */
  hasLostAdmin(session: Session): boolean {
    const lost = this.#role === "admin" && session.role !== "admin";
    this.#role = session.role;
    return lost;
  }

  mayReceive(nowMs: number): boolean {
    this.lastFrameAtMs = nowMs;
    return this.#bucket.take(nowMs);
  }

  /** The frame just received was an acknowledgement. */
  receivedAck(): void {
    this.#bucket.giveBack(1 - limits.ackFrameCost);
  }

  isSilent(nowMs: number): boolean {
    return nowMs - this.lastFrameAtMs > 2 * limits.heartbeatMs;
  }

  /** True when this was one bad frame too many. */
  strike(): boolean {
    this.#strikes += 1;
    return this.#strikes >= limits.badFrameStrikes;
  }

  /** False when an unanswered frame has the same id: its answer would be ambiguous. */
  ask(id: number): boolean {
    if (this.#pendingIds.has(id)) return false;
    this.#pendingIds.add(id);
    return true;
  }

  answered(id: number): void {
    this.#pendingIds.delete(id);
  }

  get pendingCount(): number {
    return this.#pendingIds.size;
  }
}

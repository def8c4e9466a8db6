/** One socket that watches a terminal: what it was sent, what it has drawn, and how much it may be sent now. */
import { limits, type TerminalId, type UserId } from "#protocol";
import type { ClientChannel, Session } from "../../core/caller.ts";
import { terminalLimits } from "./terminal-limits.ts";

/**
 * `joining`: its screen is being drawn, output waits in `#queue`; `active`: gets output, and holds the program up when
 * it falls behind; `slow`: gets nothing and holds nobody up, until it has drawn what it has.
 */
export type ViewerPhase = "joining" | "active" | "slow";

export class Viewer {
  phase: ViewerPhase = "joining";
  readonly userId: UserId;
  readonly sessionId: string;
  /** Chunks not sent yet, oldest first. */
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #sentBytes = 0;
  #drawnBytes = 0;
  /** The socket's own queue is over its soft limit. */
  #isBlocked = false;
  #progressAtMs: number;
  /** What may be sent and not drawn; follows the speed of drawing. */
  #windowBytes: number = limits.terminalWindowBytes;
  #speedSinceMs: number;
  #speedSinceBytes = 0;

  constructor(
    readonly channel: ClientChannel,
    private readonly terminalId: TerminalId,
    session: Session,
    nowMs: number,
  ) {
    this.userId = session.userId;
    this.sessionId = session.sessionId;
    this.#progressAtMs = nowMs;
    this.#speedSinceMs = nowMs;
  }

  /** Sent and not drawn, or waiting to be sent. */
  get behindBytes(): number {
    return this.#queuedBytes + this.#sentBytes - this.#drawnBytes;
  }
  get isFull(): boolean {
    return this.phase !== "slow" && (this.#isBlocked || this.behindBytes > this.#windowBytes);
  }
  get mayResume(): boolean {
    return this.phase === "slow" || (!this.#isBlocked && this.behindBytes < this.#resumeBytes);
  }
  get hasCaughtUp(): boolean {
    return !this.#isBlocked && this.#sentBytes - this.#drawnBytes < this.#resumeBytes;
  }
  get #resumeBytes(): number {
    return this.#windowBytes * terminalLimits.resumeShare;
  }

  take(bytes: Uint8Array): void {
    if (this.phase === "slow") return;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
  }

  /** The screen as of the moment it joined; what came since follows it. */
  restore(screen: Uint8Array): void {
    if (this.phase !== "joining") return;
    this.phase = "active";
    // Only the first frame replaces the screen; the rest of a long one continues it like output.
    const first = screen.subarray(0, terminalLimits.frameBytes);
    this.#sendFrame("restore", first);
    this.#queue.unshift(screen.subarray(first.length));
    this.#queuedBytes += screen.length - first.length;
    this.flush();
  }

  /** Sends as much as the window allows, in frames as large as allowed. */
  flush(): void {
    while (this.phase === "active" && !this.#isBlocked && this.#queuedBytes > 0) {
      const room = this.#windowBytes - (this.#sentBytes - this.#drawnBytes);
      if (room <= 0) return;
      this.#sendFrame("output", this.#next(Math.min(room, terminalLimits.frameBytes)));
    }
  }

  /** The program is over: the little that still waits goes out now, window or not. */
  flushAll(): void {
    while (this.phase === "active" && this.#queuedBytes > 0)
      this.#sendFrame("output", this.#next(terminalLimits.frameBytes));
  }

  /** False when it tells nothing new. */
  drew(bytes: number, nowMs: number): boolean {
    const drawn = Math.min(bytes, this.#sentBytes);
    if (drawn <= this.#drawnBytes) return false;
    this.#drawnBytes = drawn;
    this.#progressAtMs = nowMs;
    this.#measureSpeed(nowMs);
    return true;
  }

  unblock(nowMs: number): void {
    this.#isBlocked = false;
    this.#progressAtMs = nowMs;
  }

  isStuck(nowMs: number): boolean {
    return this.isFull && nowMs - this.#progressAtMs >= terminalLimits.slowViewerMs;
  }

  markSlow(): void {
    this.phase = "slow";
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  /** Its screen is being drawn as of now: output before this moment is in it. */
  awaitScreen(): void {
    this.phase = "joining";
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  /** Credit in time rather than bytes: how long a key waits behind it is the same for a slow page and a fast one. */
  #measureSpeed(nowMs: number): void {
    const elapsedMs = nowMs - this.#speedSinceMs;
    if (elapsedMs < terminalLimits.speedSpanMs) return;
    const drawnInWindow = ((this.#drawnBytes - this.#speedSinceBytes) / elapsedMs) * terminalLimits.windowMs;
    this.#windowBytes = Math.min(
      limits.terminalFastWindowBytes,
      Math.max(limits.terminalWindowBytes, Math.round(drawnInWindow)),
    );
    this.#speedSinceMs = nowMs;
    this.#speedSinceBytes = this.#drawnBytes;
  }

  #next(maxBytes: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let size = 0;
    for (let head = this.#queue.shift(); head; head = this.#queue.shift()) {
      const fits = head.subarray(0, maxBytes - size);
      parts.push(fits);
      size += fits.length;
      if (fits.length < head.length) this.#queue.unshift(head.subarray(fits.length));
      if (size === maxBytes) break;
    }
    this.#queuedBytes -= size;
    const [only] = parts;
    return parts.length === 1 && only ? only : Buffer.concat(parts);
  }

  #sendFrame(kind: "restore" | "output", payload: Uint8Array): void {
    this.#sentBytes += payload.length;
    const isBelowLimit = this.channel.sendTerminal({ kind, terminalId: this.terminalId, payload });
    if (!isBelowLimit) this.#isBlocked = true;
  }
}

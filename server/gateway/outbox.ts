/** What one socket still owes its reader: how much waits, when to stop feeding it, when it has room, when it is lost. */
import type { Clock } from "../core/clock.ts";

/** Above this the reader is behind: streams stop and are caught up later. A burst of events to a healthy reader stays far below. */
export const SOFT_BYTES = 256 * 1024;
/** Below this it has caught up. The gap to the soft limit avoids switching for every frame. */
const ROOM_BYTES = 64 * 1024;
/** Replies and terminal bytes are never dropped; a reader that lets this much more pile up is cut. */
export const HARD_BYTES = 1024 * 1024;
/** A backlog that does not shrink for this long belongs to a reader that is gone. */
const STUCK_MS = 10_000;

/** The part of Bun's ServerWebSocket that is written to. */
export interface Wire {
  /** Bytes written, -1 when queued behind others, 0 when dropped. */
  send(data: string | Uint8Array<ArrayBuffer>): number;
  getBufferedAmount(): number;
}

export interface OutboxListener {
  /** The reader is behind: take it out of the streams. */
  onBehind(): void;
  /** The backlog is small again. */
  onRoom(): void;
  /** The reader does not read, or not nearly fast enough. */
  onTooSlow(): void;
}

export class Outbox {
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #listener: OutboxListener;
  #isBehind = false;
  #ceilingBytes = Number.POSITIVE_INFINITY;
  /** A snapshot may be larger than the soft limit; only what piles up beyond it tells that the reader is behind. */
  #allowanceBytes = 0;
  #lowestBytes = 0;
  #lowestAtMs = 0;
  /** Somebody waits for `onRoom`. */
  #owesRoom = false;

  constructor(wire: Wire, clock: Clock, listener: OutboxListener) {
    this.#wire = wire;
    this.#clock = clock;
    this.#listener = listener;
  }

  /** False when the sender should wait for `onRoom`; the data itself is queued either way. */
  send(data: string | Uint8Array<ArrayBuffer>): boolean {
    const result = this.#wire.send(data);
    if (result > 0) return !this.#isBehind;
    if (result === 0) {
      // Bun dropped it. A gap in replies or terminal bytes cannot be repaired, so the socket must go.
      this.#listener.onTooSlow();
      return false;
    }
    this.#measure();
    if (this.#isBehind) this.#owesRoom = true;
    return !this.#isBehind;
  }

  /** Sends state that may be large; call it only when `hasRoomForSnapshot`. */
  sendSnapshot(text: string): void {
    this.#allowanceBytes += text.length;
    this.send(text);
  }

  /** When false, the snapshot waits for `onRoom`. */
  hasRoomForSnapshot(): boolean {
    if (!this.#isBehind && this.#wire.getBufferedAmount() <= SOFT_BYTES) return true;
    this.#owesRoom = true;
    return false;
  }

  /** Bun wrote a part of the backlog. */
  drained(): void {
    if (this.#wire.getBufferedAmount() <= ROOM_BYTES) this.#room();
  }

  /** Published frames pass by this object, so somebody has to look from time to time. */
  sweep(): void {
    const bufferedBytes = this.#measure();
    if (bufferedBytes <= ROOM_BYTES) this.#room();
    else if (bufferedBytes > SOFT_BYTES) this.#watchProgress(bufferedBytes);
  }

  #measure(): number {
    const bufferedBytes = this.#wire.getBufferedAmount();
    if (this.#isBehind) {
      if (bufferedBytes > this.#ceilingBytes) this.#listener.onTooSlow();
    } else if (bufferedBytes > SOFT_BYTES + this.#allowanceBytes) {
      this.#isBehind = true;
      this.#owesRoom = true;
      this.#ceilingBytes = bufferedBytes + HARD_BYTES;
      this.#listener.onBehind();
    }
    return bufferedBytes;
  }

  #watchProgress(bufferedBytes: number): void {
    const now = this.#clock.now();
    if (this.#lowestBytes === 0 || bufferedBytes < this.#lowestBytes) {
      this.#lowestBytes = bufferedBytes;
      this.#lowestAtMs = now;
    } else if (now - this.#lowestAtMs > STUCK_MS) this.#listener.onTooSlow();
  }

  #room(): void {
    this.#isBehind = false;
    this.#allowanceBytes = 0;
    this.#lowestBytes = 0;
    if (!this.#owesRoom) return;
    this.#owesRoom = false;
    this.#listener.onRoom();
  }
}

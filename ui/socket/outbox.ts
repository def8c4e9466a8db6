/** What waits to be sent, kept under the server's frame rate: control first, acknowledgements merged, typing cut into frames. */
import type { ClientFrame, TerminalId } from "#protocol";
import { BINARY_HEADER_BYTES, encodeTerminalFrame, limits } from "#protocol";
import type { ClientClock, Timer } from "./clock.ts";

/** Burst and refill each take 45 % of the limit, so that no second, wherever it starts, holds more than 90 % of it. */
const BURST_FRAMES = Math.floor(limits.framesPerSecond * 0.45);
const MAX_INPUT_BYTES = limits.maxFrameBytes - BINARY_HEADER_BYTES;
/** A long paste waits here rather than in the socket, where a Ctrl-C typed after it could not be seen to be late. */
const SOCKET_BUFFER_BYTES = 1024 * 1024;
const BUFFER_RETRY_MS = 20;

export interface OutboxPort {
  send(data: string | Uint8Array<ArrayBuffer>): void;
  readonly bufferedBytes: number;
}

interface Typing {
  readonly terminalId: TerminalId;
  bytes: Uint8Array;
}

export class Outbox {
  readonly #port: OutboxPort;
  readonly #clock: ClientClock;
  #control: ClientFrame[] = [];
  #typing: Typing[] = [];
  /** Cumulative, so only the newest of each terminal counts. */
  readonly #acks = new Map<TerminalId, number>();
  #tokens = BURST_FRAMES;
  #refilledAtMs: number;
  #timer: Timer | null = null;

  constructor(port: OutboxPort, clock: ClientClock) {
    this.#port = port;
    this.#clock = clock;
    this.#refilledAtMs = clock.now();
  }

  control(frame: ClientFrame): void {
    this.#control.push(frame);
    this.#drain();
  }

  ack(terminalId: TerminalId, bytes: number): void {
    this.#acks.set(terminalId, bytes);
    this.#drain();
  }

  input(terminalId: TerminalId, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += MAX_INPUT_BYTES) {
      this.#append(terminalId, bytes.subarray(at, at + MAX_INPUT_BYTES));
    }
    this.#drain();
  }

  /** The socket is gone: nothing typed or asked on it may reach the next one by itself. */
  clear(): void {
    this.#timer?.dispose();
    this.#timer = null;
    this.#control = [];
    this.#typing = [];
    this.#acks.clear();
  }

  #append(terminalId: TerminalId, bytes: Uint8Array): void {
    const last = this.#typing.at(-1);
    if (last?.terminalId === terminalId && last.bytes.length + bytes.length <= MAX_INPUT_BYTES) {
      const joined = new Uint8Array(last.bytes.length + bytes.length);
      joined.set(last.bytes);
      joined.set(bytes, last.bytes.length);
      last.bytes = joined;
      return;
    }
    // A copy, because the caller may use its buffer again before this frame's turn comes.
    this.#typing.push({ terminalId, bytes: bytes.slice() });
  }

  #drain(): void {
    if (this.#timer !== null) return;
    this.#refill();
    while (this.#hasWork()) {
      if (this.#tokens < 1) return this.#later(Math.ceil(((1 - this.#tokens) * 1_000) / BURST_FRAMES));
      const cost = this.#sendOne();
      if (cost === null) return this.#later(BUFFER_RETRY_MS);
      this.#tokens -= cost;
    }
  }

  #hasWork(): boolean {
    return this.#control.length > 0 || this.#acks.size > 0 || this.#typing.length > 0;
  }

  /** What was sent counts this much of the frame rate; null when only typing is left and the socket has enough of it for now. */
  #sendOne(): number | null {
    const frame = this.#control.shift();
    if (frame) {
      this.#port.send(JSON.stringify(frame));
      return 1;
    }
    for (const [terminalId, bytes] of this.#acks) {
      this.#acks.delete(terminalId);
      this.#port.send(JSON.stringify({ t: "ack", terminalId, bytes } satisfies ClientFrame));
      return limits.ackFrameCost;
    }
    if (this.#port.bufferedBytes > SOCKET_BUFFER_BYTES) return null;
    const typing = this.#typing.shift();
    if (typing) {
      const { terminalId, bytes } = typing;
      this.#port.send(encodeTerminalFrame({ kind: "input", terminalId, payload: bytes }));
    }
    return 1;
  }

  #refill(): void {
    const now = this.#clock.now();
    const earned = ((now - this.#refilledAtMs) / 1_000) * BURST_FRAMES;
    this.#tokens = Math.min(BURST_FRAMES, this.#tokens + earned);
    this.#refilledAtMs = now;
  }

  #later(ms: number): void {
    this.#timer = this.#clock.after(Math.max(1, ms), () => {
      this.#timer = null;
      this.#drain();
    });
  }
}

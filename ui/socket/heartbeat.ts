/** Finds out that the peer is gone though the socket looks open, and how long a round trip takes. */
import type { ClientFrame } from "#protocol";
import { limits } from "#protocol";
import type { ClientClock, Timer } from "./clock.ts";

const PONG_TIMEOUT_MS = 10_000;

export interface HeartbeatPort {
  send(frame: ClientFrame): void;
  nextId(): number;
  onLatency(latencyMs: number): void;
  onSilence(): void;
}

export class Heartbeat {
  readonly #port: HeartbeatPort;
  readonly #clock: ClientClock;
  #interval: Timer | null = null;
  #deadline: Timer | null = null;
  #awaited: { readonly id: number; readonly sentAtMs: number } | null = null;
  #lastPingMs = 0;

  constructor(port: HeartbeatPort, clock: ClientClock) {
    this.#port = port;
    this.#clock = clock;
  }

  start(): void {
    this.stop();
    this.#interval = this.#clock.every(limits.heartbeatMs, () => this.ping());
    this.ping();
  }

  stop(): void {
    this.#interval?.dispose();
    this.#deadline?.dispose();
    this.#interval = null;
    this.#deadline = null;
    this.#awaited = null;
  }

  /** Asks once; a second question before the answer is the same question. */
  ping(): void {
    if (this.#interval === null || this.#awaited !== null) return;
    const id = this.#port.nextId();
    this.#lastPingMs = this.#clock.now();
    this.#awaited = { id, sentAtMs: this.#lastPingMs };
    this.#deadline = this.#clock.after(PONG_TIMEOUT_MS, () => this.#port.onSilence());
    this.#port.send({ t: "ping", id });
  }

  pong(id: number): void {
    if (this.#awaited?.id !== id) return;
    this.#deadline?.dispose();
    this.#port.onLatency(this.#clock.now() - this.#awaited.sentAtMs);
    this.#awaited = null;
  }

  /** Any frame came. Timers of a hidden tab run once a minute, too rarely for the server; incoming frames still wake it. */
  onFrame(): void {
    if (this.#clock.now() - this.#lastPingMs > limits.heartbeatMs * 1.25) this.ping();
  }
}

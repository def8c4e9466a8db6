/** One socket after another: opens, introduces itself, and comes back after a loss until told that it is no use. */
import type { CloseName } from "#protocol";
import { closeCodes, closeNameOf, SUBPROTOCOL } from "#protocol";
import { backoffMs } from "./backoff.ts";
import type { ClientClock, Timer } from "./clock.ts";
import type { ClientStatus } from "./status.ts";
import type { WebSocketClass, WebSocketLike } from "./web-socket.ts";

/** A server that accepts the socket and then says nothing is as good as absent. */
const HELLO_TIMEOUT_MS = 10_000;
/** Only a connection that lasted resets the back-off: one that is cut right after each hello must slow down. */
const STEADY_MS = 10_000;

/** `readyState` of a socket that takes data. */
const OPEN = 1;

export interface ConnectionOptions {
  readonly url: () => string;
  readonly token: () => string | null;
  readonly webSocket: WebSocketClass;
  readonly clock: ClientClock;
  readonly random: () => number;
}

export interface ConnectionListener {
  onMessage(data: unknown): void;
  /** The socket is gone; `final` when no new try follows. */
  onDown(closedBy: CloseName | null, final: boolean): void;
  onStatus(status: ClientStatus): void;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  #socket: WebSocketLike | null = null;
  #status: ClientStatus;
  #attempt = 0;
  #timer: Timer | null = null;

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#listener = listener;
    this.#status = {
      phase: "idle",
      latencyMs: null,
      retryAtMs: null,
      closedBy: null,
      sinceMs: options.clock.now(),
    };
  }

  get status(): ClientStatus {
    return this.#status;
  }

  get isOnline(): boolean {
    return this.#status.phase === "online";
  }

  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  connect(): void {
    if (this.#status.phase === "connecting" || this.isOnline) return;
    if (this.#status.phase !== "offline") this.#attempt = 0;
    this.#open();
  }

  close(): void {
    if (this.#status.phase === "closed") return;
    this.#abandonSocket();
    this.#set({ phase: "closed", retryAtMs: null, latencyMs: null, closedBy: null });
    this.#listener.onDown(null, true);
  }

  /** The hello has come: commands may flow. */
  established(): void {
    this.#timer?.dispose();
    this.#set({ phase: "online", retryAtMs: null, closedBy: null });
  }

  /** The peer is silent: leave this socket and try again. */
  drop(): void {
    if (this.#socket === null) return;
    this.#abandonSocket();
    this.#down(null);
  }

  setLatency(latencyMs: number): void {
    this.#set({ latencyMs });
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    // One that the peer has begun to close takes nothing any more; a browser would complain of the attempt.
    if (this.#socket?.readyState === OPEN) this.#socket.send(data);
  }

  #open(): void {
    this.#timer?.dispose();
    // First, because an address that is none throws, and then nothing has changed.
    const socket = new this.#options.webSocket(this.#options.url(), SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#timer = this.#options.clock.after(HELLO_TIMEOUT_MS, () => this.drop());
    this.#set({ phase: "connecting", retryAtMs: null });
    // An abandoned socket may still speak; only the current one is heard.
    const isCurrent = () => this.#socket === socket;
    socket.addEventListener("open", () => {
      const token = this.#options.token();
      if (isCurrent() && token !== null) socket.send(JSON.stringify({ t: "auth", token }));
    });
    socket.addEventListener("message", (event) => {
      if (isCurrent()) this.#listener.onMessage(event.data);
    });
    socket.addEventListener("close", (event) => {
      if (!isCurrent()) return;
      this.#socket = null;
      this.#down(closeNameOf(event.code) ?? null);
    });
  }

  #abandonSocket(): void {
    this.#timer?.dispose();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
  }

  #down(closedBy: CloseName | null): void {
    const { clock, random } = this.#options;
    this.#timer?.dispose();
    if (closedBy !== null && !closeCodes[closedBy].retry) {
      this.#set({ phase: "closed", retryAtMs: null, latencyMs: null, closedBy });
      return this.#listener.onDown(closedBy, true);
    }
    if (this.isOnline && clock.now() - this.#status.sinceMs >= STEADY_MS) this.#attempt = 0;
    const waitMs = backoffMs(this.#attempt++, closedBy, random);
    this.#timer = clock.after(waitMs, () => this.#open());
    this.#set({ phase: "offline", retryAtMs: clock.now() + waitMs, latencyMs: null, closedBy });
    this.#listener.onDown(closedBy, false);
  }

  #set(change: Partial<Omit<ClientStatus, "sinceMs">>): void {
    const phase = change.phase ?? this.#status.phase;
    const sinceMs = phase === this.#status.phase ? this.#status.sinceMs : this.#options.clock.now();
    this.#status = { ...this.#status, ...change, sinceMs };
    this.#listener.onStatus(this.#status);
  }
}

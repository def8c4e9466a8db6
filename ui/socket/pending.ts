/** Questions without an answer yet: id to promise, each with a deadline, and what becomes of them when the socket goes. */
import type { ClientFrame } from "#protocol";
import type { ClientClock, Timer } from "./clock.ts";
import { disconnected, RequestError } from "./errors.ts";

export interface PendingOptions {
  /** Stays alive through a lost connection and is sent again on the next. Only for what changes nothing. */
  readonly survives: boolean;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface PendingPort {
  send(frame: ClientFrame): void;
  readonly isOnline: boolean;
}

interface Entry {
  readonly frame: ClientFrame;
  readonly survives: boolean;
  sent: boolean;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: RequestError) => void;
  readonly timer: Timer;
  readonly forgetSignal: () => void;
}

export class Pending {
  readonly #port: PendingPort;
  readonly #clock: ClientClock;
  readonly #entries = new Map<number, Entry>();
  #lastId = 0;

  constructor(port: PendingPort, clock: ClientClock) {
    this.#port = port;
    this.#clock = clock;
  }

  nextId(): number {
    return ++this.#lastId;
  }

  /** Sends the frame now, or as soon as the server has said hello. */
  ask(makeFrame: (id: number) => ClientFrame, options: PendingOptions): Promise<unknown> {
    const id = this.nextId();
    if (options.signal?.aborted) return Promise.reject(cancelled());
    return new Promise((resolve, reject) => {
      const onAbort = () => this.#take(id)?.reject(cancelled());
      options.signal?.addEventListener("abort", onAbort);
      const entry: Entry = {
        frame: makeFrame(id),
        survives: options.survives,
        sent: false,
        resolve,
        reject,
        timer: this.#clock.after(options.timeoutMs, () => this.#expire(id)),
        forgetSignal: () => options.signal?.removeEventListener("abort", onAbort),
      };
      this.#entries.set(id, entry);
      if (this.#port.isOnline) this.#transmit(entry);
    });
  }

  /** Returns the question it answers. */
  resolve(id: number, output: unknown): ClientFrame | null {
    const entry = this.#take(id);
    entry?.resolve(output);
    return entry?.frame ?? null;
  }

  reject(id: number, error: RequestError): void {
    this.#take(id)?.reject(error);
  }

  /** Called after hello: what was asked too early goes now, and what survived the loss goes again. */
  online(): void {
    for (const entry of this.#entries.values()) if (!entry.sent) this.#transmit(entry);
  }

  /** Called when the socket is gone. `final`: no other will come, so nothing survives. */
  down(final: RequestError | null): void {
    for (const [id, entry] of [...this.#entries]) {
      if (entry.survives && final === null) entry.sent = false;
      else this.#take(id)?.reject(final ?? disconnected());
    }
  }

  #transmit(entry: Entry): void {
    entry.sent = true;
    this.#port.send(entry.frame);
  }

  #expire(id: number): void {
    const entry = this.#take(id);
    entry?.reject(
      entry.sent ? new RequestError("timeout", "The server did not answer in time") : disconnected(),
    );
  }

  #take(id: number): Entry | undefined {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    entry?.timer.dispose();
    entry?.forgetSignal();
    return entry;
  }
}

function cancelled(): RequestError {
  return new RequestError("cancelled", "The request was cancelled");
}

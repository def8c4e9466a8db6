/** One socket as features see it: terminal bytes, single events, and word of room and end. */
import type { EventOf, TerminalFrame, TopicName } from "#protocol";
import { createFrameEncoder } from "#protocol";
import type { ClientChannel } from "../core/caller.ts";
import type { Disposable } from "../core/disposable.ts";

/** One for all sockets: what is sent is written to the kernel or copied into the socket's queue before `send` returns. */
const encode = createFrameEncoder();

export interface ChannelPort {
  /** Takes the bytes before it returns: the next frame overwrites them. */
  sendBytes(bytes: Uint8Array<ArrayBuffer>): boolean;
  sendEvent(topic: TopicName, key: string, data: unknown): void;
}

export class SocketChannel implements ClientChannel {
  readonly #drainListeners = new Set<() => void>();
  readonly #closeListeners = new Set<() => void>();
  #isClosed = false;

  constructor(
    readonly id: string,
    private readonly port: ChannelPort,
  ) {}

  sendTerminal(frame: TerminalFrame): boolean {
    return !this.#isClosed && this.port.sendBytes(encode(frame));
  }

  sendEvent<T extends TopicName>(topic: T, key: string, data: EventOf<T>): void {
    if (!this.#isClosed) this.port.sendEvent(topic, key, data);
  }

  onDrain(listener: () => void): Disposable {
    return listen(this.#drainListeners, listener);
  }

  onClose(listener: () => void): Disposable {
    // A command may have taken longer than its socket lived.
    if (this.#isClosed) queueMicrotask(listener);
    return listen(this.#closeListeners, listener);
  }

  drained(): void {
    for (const listener of [...this.#drainListeners]) listener();
  }

  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const listener of [...this.#closeListeners]) listener();
    this.#closeListeners.clear();
    this.#drainListeners.clear();
  }
}

function listen(listeners: Set<() => void>, listener: () => void): Disposable {
  const own = () => listener();
  listeners.add(own);
  return { dispose: () => void listeners.delete(own) };
}

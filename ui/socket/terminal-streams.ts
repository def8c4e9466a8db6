/** Terminal bytes of this socket: hands output to its viewer, counts what was drawn, and acknowledges it. */
import type { TerminalFrame, TerminalId } from "#protocol";
import { limits } from "#protocol";

export interface TerminalHandlers {
  onOutput(bytes: Uint8Array): void;
  /** Replaces the whole screen. */
  onRestore(bytes: Uint8Array): void;
}

export interface TerminalStream {
  /** Typing. What is typed while the socket is down is lost, never sent late. */
  send(bytes: Uint8Array): void;
  /** Tells how many bytes of `onOutput` and `onRestore` were just drawn. */
  drawn(byteCount: number): void;
  dispose(): void;
}

export interface TerminalPort {
  ack(terminalId: TerminalId, bytes: number): void;
  input(terminalId: TerminalId, bytes: Uint8Array): void;
  readonly isOnline: boolean;
}

/** Frames kept for a terminal that nobody has attached yet: its reply and its screen arrive together. */
const EARLY_BYTES = 4 * limits.terminalWindowBytes;

class Viewer {
  /** Bytes handed over but not drawn, of this join. */
  undrawn = 0;
  /** Bytes of an earlier join that the screen is still drawing; they come first and count for nothing. */
  #leftover = 0;
  #drawn = 0;
  #acknowledged = 0;

  constructor(readonly handlers: TerminalHandlers) {}

  /** The server counts from zero again: the socket is new, or the terminal was opened again. */
  restart(): void {
    this.#leftover += this.undrawn;
    this.undrawn = 0;
    this.#drawn = 0;
    this.#acknowledged = 0;
  }

  take(frame: TerminalFrame): void {
    this.undrawn += frame.payload.length;
    if (frame.kind === "restore") this.handlers.onRestore(frame.payload);
    else this.handlers.onOutput(frame.payload);
  }

  /** The number to acknowledge, or null when it can wait. */
  drew(byteCount: number): number | null {
    const old = Math.min(byteCount, this.#leftover);
    const fresh = Math.min(byteCount - old, this.undrawn);
    this.#leftover -= old;
    this.undrawn -= fresh;
    this.#drawn += fresh;
    const owed = this.#drawn - this.#acknowledged;
    if (owed === 0 || (owed < limits.terminalAckEveryBytes && this.undrawn > 0)) return null;
    this.#acknowledged = this.#drawn;
    return this.#drawn;
  }
}

export class TerminalStreams {
  readonly #port: TerminalPort;
  readonly #viewers = new Map<TerminalId, Viewer>();
  readonly #early = new Map<TerminalId, TerminalFrame[]>();

  constructor(port: TerminalPort) {
    this.#port = port;
  }

  /** One viewer per terminal and client; a newer one takes over. */
  attach(terminalId: TerminalId, handlers: TerminalHandlers): TerminalStream {
    const viewer = new Viewer(handlers);
    this.#viewers.set(terminalId, viewer);
    for (const frame of this.#takeEarly(terminalId)) viewer.take(frame);
    const isCurrent = () => this.#viewers.get(terminalId) === viewer;
    return {
      send: (bytes) => {
        if (isCurrent() && this.#port.isOnline) this.#port.input(terminalId, bytes);
      },
      drawn: (byteCount) => {
        const bytes = viewer.drew(byteCount);
        if (bytes !== null && isCurrent() && this.#port.isOnline) this.#port.ack(terminalId, bytes);
      },
      dispose: () => {
        if (isCurrent()) this.#viewers.delete(terminalId);
      },
    };
  }

  take(frame: TerminalFrame): void {
    const viewer = this.#viewers.get(frame.terminalId);
    if (!viewer) return this.#keepEarly(frame);
    viewer.take(frame);
  }

  /** `terminal.open` was sent for it: the count starts anew with the screen that follows. */
  reopened(terminalId: TerminalId): void {
    this.#viewers.get(terminalId)?.restart();
  }

  down(): void {
    this.#early.clear();
    for (const viewer of this.#viewers.values()) viewer.restart();
  }

  #takeEarly(terminalId: TerminalId): TerminalFrame[] {
    const frames = this.#early.get(terminalId) ?? [];
    this.#early.delete(terminalId);
    return frames;
  }

  #keepEarly(frame: TerminalFrame): void {
    // A restore begins a new count and a new screen: what came before it belongs to a viewer that has left.
    const before = frame.kind === "restore" ? [] : this.#early.get(frame.terminalId);
    if (!before) return;
    const keptBytes = before.reduce((sum, early) => sum + early.payload.length, 0);
    if (keptBytes > EARLY_BYTES) return;
    this.#early.set(frame.terminalId, [...before, { ...frame, payload: frame.payload.slice() }]);
  }
}

/** One viewer of a shell: opens or joins it, carries bytes both ways, and comes back after a lost connection. */
import type { Client, TerminalStream } from "#client";
import { RequestError } from "#client";
import type { TerminalId, VmId } from "#protocol";
import type { TerminalSize } from "./terminal-size.ts";
import { clampSize, isSameSize, shouldBringSize } from "./terminal-size.ts";
import type { TerminalState } from "./terminal-state.ts";
import { applyTerminalEvent, endedState, endInWords, opening } from "./terminal-state.ts";

/** Where the bytes are drawn; `onDrawn` is called when they are. */
export interface TerminalScreen {
  write(bytes: Uint8Array, onDrawn: () => void): void;
  /** Replaces all there is. */
  restore(bytes: Uint8Array, onDrawn: () => void): void;
  resize(size: TerminalSize): void;
  /** The size that fills the place it has on the page. */
  fitting(): TerminalSize;
}

export interface TerminalSessionDeps {
  readonly client: Client;
  readonly vmId: VmId;
  readonly screen: TerminalScreen;
  /** Told of every change. */
  readonly onState: (state: TerminalState) => void;
  /** Which shell this tab had before a refresh. */
  readonly memory: { read(): TerminalId | null; write(id: TerminalId | null): void };
}

const encoder = new TextEncoder();
const silent = () => {};

export class TerminalSession {
  readonly #deps: TerminalSessionDeps;
  #state = opening;
  #stream: TerminalStream | null = null;
  #unsubscribe = silent;
  readonly #stopWatching: () => void;
  /** Grows with every attempt, so that a late answer to an earlier one is recognised. */
  #attempt = 0;
  #disposed = false;

  constructor(deps: TerminalSessionDeps) {
    this.#deps = deps;
    this.#stopWatching = deps.client.onStatus(() => this.#followConnection());
  }

  get state(): TerminalState {
    return this.#state;
  }

  /** Joins the shell this tab had, else the newest open one, else starts one. */
  async open(): Promise<void> {
    await this.#attemptOpen({ terminalId: this.#deps.memory.read(), isKnown: false });
  }

  /** Always a new shell; the old one goes on without this viewer. */
  async openFresh(): Promise<void> {
    this.#leave();
    await this.#attemptOpen({ terminalId: null, isKnown: false, fresh: true });
  }

  type(text: string): void {
    this.#stream?.send(encoder.encode(text));
  }

  typeBytes(bytes: Uint8Array): void {
    this.#stream?.send(bytes);
  }

  /** The place on the page has changed, or the person wants this window's size: it now counts for all viewers. */
  async bringSize(): Promise<void> {
    const { terminalId, phase, size } = this.#state;
    const wanted = clampSize(this.#deps.screen.fitting());
    if (terminalId === null || phase !== "open" || (size && isSameSize(size, wanted))) return;
    try {
      const decided = await this.#deps.client.request("terminal.resize", { terminalId, ...wanted });
      if (this.#state.terminalId === terminalId) this.#adopt({ ...this.#state, size: decided });
    } catch (error) {
      // The connection went, or the shell ended in between: both are told by their own events.
      if (!(error instanceof RequestError)) throw error;
    }
  }

  /** Ends the shell for every viewer. */
  async closeShell(): Promise<void> {
    const { terminalId } = this.#state;
    if (terminalId !== null) await this.#deps.client.request("terminal.close", { terminalId });
  }

  dispose(): void {
    this.#disposed = true;
    this.#stopWatching();
    this.#leave();
  }

  async #attemptOpen(how: {
    terminalId: TerminalId | null;
    isKnown: boolean;
    fresh?: boolean;
  }): Promise<void> {
    const attempt = ++this.#attempt;
    const { client, vmId, screen, memory } = this.#deps;
    const { terminalId, fresh = false } = how;
    this.#set({ ...opening, terminalId: this.#state.terminalId });
    try {
      const target = terminalId === null ? { fresh } : { terminalId };
      const shell = await client.request("terminal.open", {
        vmId,
        ...clampSize(screen.fitting()),
        ...target,
      });
      if (attempt !== this.#attempt || this.#disposed) return this.#declineLate(shell.terminalId);
      this.#join(shell);
    } catch (error) {
      if (attempt !== this.#attempt || this.#disposed) return;
      // Only remembered from before a refresh: any other open shell, or a new one, is just as good.
      if (terminalId !== null && !how.isKnown && isMissing(error)) {
        memory.write(null);
        return this.#attemptOpen({ terminalId: null, isKnown: false });
      }
      this.#fail(error, how.isKnown);
    }
  }

  #join(shell: { terminalId: TerminalId; cols: number; rows: number; viewers: number }): void {
    const { terminalId, viewers } = shell;
    const isSame = this.#stream !== null && this.#state.terminalId === terminalId;
    if (!isSame) {
      this.#drop();
      this.#attach(terminalId);
    }
    this.#deps.memory.write(terminalId);
    const size = { cols: shell.cols, rows: shell.rows };
    this.#adopt({ phase: "open", terminalId, size, viewers, endedBecause: null });
    if (shouldBringSize({ ...size, viewers }, clampSize(this.#deps.screen.fitting()))) void this.bringSize();
  }

  #attach(terminalId: TerminalId): void {
    const { client, screen } = this.#deps;
    const stream = client.attachTerminal(terminalId, {
      onOutput: (bytes) => screen.write(bytes, () => stream.drawn(bytes.length)),
      onRestore: (bytes) => screen.restore(bytes, () => stream.drawn(bytes.length)),
    });
    this.#stream = stream;
    this.#unsubscribe = client.subscribe("terminal.state", {
      key: String(terminalId),
      onSnapshot: (info) => this.#adopt(applyTerminalEvent(this.#state, { kind: "changed", ...info })),
      onEvent: (event) => this.#apply(applyTerminalEvent(this.#state, event)),
      onEnd: () => this.#end(endInWords("gone", null)),
      onError: () => this.#end(endInWords("gone", null)),
    });
  }

  #apply(next: TerminalState): void {
    if (next.phase === "ended") this.#end(next.endedBecause ?? "");
    else this.#adopt(next);
  }

  #adopt(next: TerminalState): void {
    if (this.#state.phase === "ended") return;
    if (next.size) this.#deps.screen.resize(next.size);
    this.#set(next);
  }

  #fail(error: unknown, wasKnown: boolean): void {
    if (!(error instanceof RequestError)) throw error;
    // The connection went while asking: the next `online` asks again.
    if (error.code === "unavailable" && this.#deps.client.status.phase !== "online") this.#followConnection();
    else if (wasKnown && isMissing(error)) this.#end(endInWords("gone", null));
    else this.#end(error.message);
  }

  #followConnection(): void {
    const { phase: connection } = this.#deps.client.status;
    const { phase, terminalId } = this.#state;
    if (phase === "ended") return;
    if (connection === "closed") return this.#end("The connection to the server is closed.");
    if (connection !== "online") return this.#set({ ...this.#state, phase: "reconnecting" });
    if (phase === "reconnecting") void this.#attemptOpen({ terminalId, isKnown: terminalId !== null });
  }

  #end(reason: string): void {
    if (this.#state.phase === "ended") return;
    this.#attempt += 1;
    this.#drop();
    this.#deps.memory.write(null);
    this.#set(endedState(reason));
  }

  /** Stops viewing; the shell goes on. */
  #leave(): void {
    const { terminalId } = this.#state;
    this.#attempt += 1;
    this.#drop();
    if (terminalId !== null) this.#detach(terminalId);
    this.#state = opening;
  }

  #declineLate(terminalId: TerminalId): void {
    if (this.#disposed || terminalId !== this.#state.terminalId) this.#detach(terminalId);
  }

  #detach(terminalId: TerminalId): void {
    // Best effort: the server also drops viewers of a closed socket.
    this.#deps.client.request("terminal.detach", { terminalId }).catch(silent);
  }

  #drop(): void {
    this.#unsubscribe();
    this.#unsubscribe = silent;
    this.#stream?.dispose();
    this.#stream = null;
  }

  #set(state: TerminalState): void {
    this.#state = state;
    if (!this.#disposed) this.#deps.onState(state);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof RequestError && (error.code === "not_found" || error.code === "conflict");
}

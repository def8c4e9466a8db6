/** One open shell with everybody who watches it: output to all at their pace, input from those who may, one screen. */
import type { EventOf, TerminalId, UserId } from "#protocol";
import type { ClientChannel, Session } from "../../core/caller.ts";
import type { Clock } from "../../core/clock.ts";
import { DisposableStack, type Disposable } from "../../core/disposable.ts";
import type { TerminalSize, TerminalStream, VmRef } from "../../drivers/vm-driver.ts";
import { Screen } from "./screen.ts";
import { terminalLimits } from "./terminal-limits.ts";
import { Viewer } from "./viewer.ts";

type Ended = Extract<EventOf<"terminal.state">, { kind: "ended" }>;
export type EndReason = Ended["reason"];

export interface SessionOptions {
  readonly id: TerminalId;
  readonly ref: VmRef;
  /** Who opened it: the limit per user counts these. */
  readonly openedBy: UserId;
  readonly size: TerminalSize;
  readonly clock: Clock;
  changed(session: TerminalSession): void;
  ended(session: TerminalSession, reason: EndReason, exitCode: number | null): void;
}

export class TerminalSession {
  readonly #options: SessionOptions;
  readonly #screen: Screen;
  readonly #viewers = new Map<string, Viewer>();
  readonly #leaving = new Map<string, DisposableStack>();
  #stream: TerminalStream | null = null;
  #size: TerminalSize;
  #isPaused = false;
  #isScreenBehind = false;
  #isEnded = false;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #turnEnd: NodeJS.Immediate | null = null;
  #unwatched: Disposable | null = null;
  #slowCheck: Disposable | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#size = options.size;
    this.#screen = new Screen({
      size: options.size,
      clock: options.clock,
      reply: (bytes) => this.#stream?.write(bytes),
      pressure: (isHigh) => {
        this.#isScreenBehind = isHigh;
        this.#steer();
      },
    });
  }

  get id(): TerminalId {
    return this.#options.id;
  }
  get ref(): VmRef {
    return this.#options.ref;
  }
  get openedBy(): UserId {
    return this.#options.openedBy;
  }
  get facts(): { cols: number; rows: number; viewers: number } {
    return { ...this.#size, viewers: this.#viewers.size };
  }

  /** The shell is there; its output arrived through `take` all along. */
  run(stream: TerminalStream): void {
    this.#stream = stream;
    void stream.exited.then(({ exitCode }) => this.#exited(exitCode));
    this.#watchUnwatched();
  }

  /** Output of the program, gathered until this turn of the event loop ends or a frame is full. */
  take(bytes: Uint8Array): void {
    if (this.#isEnded) return;
    this.#gathered.push(bytes);
    this.#gatheredBytes += bytes.length;
    if (this.#gatheredBytes >= terminalLimits.frameBytes) this.#handOut();
    else this.#turnEnd ??= setImmediate(() => this.#handOut());
  }

  viewerOf(channel: ClientChannel): Viewer | undefined {
    return this.#viewers.get(channel.id);
  }

  join(channel: ClientChannel, session: Session): void {
    this.#handOut();
    this.#drop(channel.id);
    const viewer = new Viewer(channel, this.id, session, this.#options.clock.now());
    this.#viewers.set(channel.id, viewer);
    const leaving = new DisposableStack();
    leaving.use(channel.onClose(() => this.leave(channel)));
    leaving.use(channel.onDrain(() => this.#drained(viewer)));
    this.#leaving.set(channel.id, leaving);
    this.#watchUnwatched();
    // In a later turn, so that the reply to `terminal.open` goes out before the screen.
    setImmediate(() => this.#sendScreen(viewer));
    this.#tellChange();
  }

  leave(channel: ClientChannel): void {
    if (!this.#drop(channel.id)) return;
    this.#steer();
    this.#watchUnwatched();
    this.#tellChange();
  }

  leaveSessions(which: (viewer: Viewer) => boolean): void {
    for (const viewer of [...this.#viewers.values()]) if (which(viewer)) this.leave(viewer.channel);
  }

  input(bytes: Uint8Array): void {
    this.#stream?.write(bytes);
  }

  resize(size: TerminalSize): void {
    if (size.cols === this.#size.cols && size.rows === this.#size.rows) return;
    this.#handOut();
    this.#size = size;
    this.#stream?.resize(size);
    this.#screen.resize(size);
    this.#tellChange();
  }

  ack(bytes: number, channel: ClientChannel): void {
    const viewer = this.#viewers.get(channel.id);
    if (!viewer?.drew(bytes, this.#options.clock.now())) return;
    this.#goOn(viewer);
  }

  end(reason: EndReason, exitCode: number | null = null): void {
    if (this.#isEnded) return;
    this.#handOut();
    for (const viewer of this.#viewers.values()) viewer.flushAll();
    this.#isEnded = true;
    this.#stream?.close();
    this.#screen.dispose();
    void this.#unwatched?.dispose();
    void this.#slowCheck?.dispose();
    for (const id of [...this.#viewers.keys()]) this.#drop(id);
    this.#options.ended(this, reason, exitCode);
  }

  /** The program's own end; a shell that ended without a code, or with ssh's own 255, lost its connection. */
  #exited(exitCode: number | null): void {
    const isLost = exitCode === null || exitCode === 255;
    const end = () => this.end(isLost ? "connection_lost" : "exit", exitCode);
    // Somebody who has just come still gets the last screen.
    const isAwaited = [...this.#viewers.values()].some((viewer) => viewer.phase === "joining");
    if (isAwaited) setImmediate(() => (this.#isEnded ? undefined : this.#screen.snapshot(end)));
    else end();
  }

  #sendScreen(viewer: Viewer): void {
    if (this.#isEnded || this.#viewers.get(viewer.channel.id) !== viewer) return;
    // The join point: all output up to here is in the screen, all from here on waits in the viewer.
    this.#handOut();
    viewer.awaitScreen();
    this.#screen.snapshot((restore) => {
      // It may have left, or lost its right, while the screen was drawn.
      if (this.#viewers.get(viewer.channel.id) !== viewer) return;
      viewer.restore(restore);
      this.#steer();
    });
  }

  #drained(viewer: Viewer): void {
    viewer.unblock(this.#options.clock.now());
    this.#goOn(viewer);
  }

  #goOn(viewer: Viewer): void {
    if (viewer.phase === "slow" && viewer.hasCaughtUp) {
      this.#sendScreen(viewer);
    }
    viewer.flush();
    this.#steer();
  }

  /** To the viewers first: the server's own screen never delays them. */
  #handOut(): void {
    if (this.#turnEnd) clearImmediate(this.#turnEnd);
    this.#turnEnd = null;
    const [first] = this.#gathered;
    if (!first) return;
    const bytes = this.#gathered.length === 1 ? first : Buffer.concat(this.#gathered);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    for (const viewer of this.#viewers.values()) {
      viewer.take(bytes);
      viewer.flush();
    }
    this.#screen.write(bytes);
    this.#steer();
  }

  /** Stops the program for the slowest viewer or the screen, and lets it go on when all are well below. */
  #steer(): void {
    let mustPause = this.#isScreenBehind;
    let mayResume = !this.#isScreenBehind;
    for (const viewer of this.#viewers.values()) {
      mustPause ||= viewer.isFull;
      mayResume &&= viewer.mayResume;
    }
    if (!this.#isPaused && mustPause) {
      this.#isPaused = true;
      this.#stream?.pause();
      this.#checkSlow();
    } else if (this.#isPaused && mayResume) {
      this.#isPaused = false;
      this.#stream?.resume();
    }
  }

  #checkSlow(): void {
    this.#slowCheck ??= this.#options.clock.after(terminalLimits.slowViewerMs / 3, () => {
      this.#slowCheck = null;
      if (this.#isEnded || !this.#isPaused) return;
      const now = this.#options.clock.now();
      for (const viewer of this.#viewers.values()) if (viewer.isStuck(now)) viewer.markSlow();
      this.#steer();
      if (this.#isPaused) this.#checkSlow();
    });
  }

  #watchUnwatched(): void {
    void this.#unwatched?.dispose();
    this.#unwatched = null;
    if (this.#viewers.size > 0 || this.#isEnded) return;
    this.#unwatched = this.#options.clock.after(terminalLimits.unwatchedMs, () => this.end("closed"));
  }

  #drop(channelId: string): boolean {
    void this.#leaving.get(channelId)?.dispose();
    this.#leaving.delete(channelId);
    return this.#viewers.delete(channelId);
  }

  #tellChange(): void {
    if (!this.#isEnded) this.#options.changed(this);
  }
}

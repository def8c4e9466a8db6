/** The server's own copy of a terminal's screen: answers queries of programs, and draws itself anew for late joiners. */
import { SerializeAddon } from "@xterm/addon-serialize";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { Terminal } from "@xterm/headless";
import type { Clock } from "../../core/clock.ts";
import type { Disposable } from "../../core/disposable.ts";
import type { TerminalSize } from "../../drivers/vm-driver.ts";
import { lookAt, type PlainChunk, skipFlood } from "./plain-flood.ts";
import { trackModes, type TrackedModes } from "./screen-modes.ts";
import { terminalLimits } from "./terminal-limits.ts";

type Work =
  | ({ readonly kind: "bytes" } & PlainChunk)
  | { readonly kind: "resize"; readonly size: TerminalSize }
  | { readonly kind: "snapshot"; readonly take: (restore: Uint8Array) => void };

const ESC = 0x1b;

export interface ScreenOptions {
  readonly size: TerminalSize;
  readonly clock: Clock;
  /** Answers to queries; they go to the program, once. */
  reply(bytes: Uint8Array): void;
  /** The backlog has become too long, or short again. */
  pressure(isHigh: boolean): void;
}

/** Output is taken at once and parsed later, in order and in small slices, so that it never delays a viewer. */
export class Screen implements Disposable {
  readonly #options: ScreenOptions;
  readonly #terminal: Terminal;
  readonly #serializer = new SerializeAddon();
  readonly #modes: TrackedModes;
  #work: Work[] = [];
  #backlogBytes = 0;
  #arrivedBytes = 0;
  /** This much at the front of the backlog is to be parsed now; the rest can wait. */
  #urgentBytes = 0;
  #isBusy = false;
  #isHigh = false;
  #isDisposed = false;
  #look: Disposable | null = null;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.#terminal = new Terminal({
      ...options.size,
      scrollback: terminalLimits.scrollbackLines,
      // Programs can print anything; the log is ours.
      logLevel: "off",
      allowProposedApi: true,
    });
    this.#terminal.loadAddon(this.#serializer);
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.unicode.activeVersion = "11";
    this.#modes = trackModes(this.#terminal, options.reply);
    this.#terminal.onData((text) => options.reply(Buffer.from(text)));
    this.#terminal.onBinary((text) => options.reply(Buffer.from(text, "latin1")));
  }

  write(bytes: Uint8Array): void {
    this.#work.push({ kind: "bytes", ...lookAt(bytes) });
    this.#backlogBytes += bytes.length;
    this.#arrivedBytes += bytes.length;
    // Only a control sequence can be a question, and a program may wait for the answer.
    if (bytes.includes(ESC)) this.#urgentBytes = this.#backlogBytes;
    const isLong = this.#backlogBytes > terminalLimits.screenSkipBytes;
    if (isLong && !this.#skip()) this.#urgentBytes = this.#backlogBytes;
    this.#setPressure();
    this.#parse();
  }

  resize(size: TerminalSize): void {
    this.#work.push({ kind: "resize", size });
    this.#urgentBytes = this.#backlogBytes;
    this.#parse();
  }

  /** Draws the screen as it is after exactly the bytes written so far. */
  snapshot(take: (restore: Uint8Array) => void): void {
    this.#work.push({ kind: "snapshot", take });
    this.#skip();
    this.#urgentBytes = this.#backlogBytes;
    this.#parse();
  }

  dispose(): void {
    this.#isDisposed = true;
    void this.#look?.dispose();
    this.#work = [];
    this.#terminal.dispose();
  }

  #lookLater(): void {
    this.#look ??= this.#options.clock.after(terminalLimits.screenDelayMs, () => {
      this.#look = null;
      const isFlood = this.#arrivedBytes > terminalLimits.screenFloodBytes;
      this.#arrivedBytes = 0;
      if (!isFlood) this.#urgentBytes = this.#backlogBytes;
      this.#parse();
    });
  }

  #parse(): void {
    if (this.#isBusy || this.#isDisposed) return;
    const next = this.#work[0];
    if (!next) return;
    if (next.kind === "bytes" && this.#urgentBytes <= 0) return this.#lookLater();
    this.#work.shift();
    switch (next.kind) {
      case "bytes":
        return this.#parseBytes(next);
      case "resize":
        this.#terminal.resize(next.size.cols, next.size.rows);
        this.#modes.resized();
        return this.#parse();
      case "snapshot":
        next.take(Buffer.from(this.#draw()));
        return this.#parse();
      default:
        next satisfies never;
    }
  }

  #parseBytes(work: Extract<Work, { kind: "bytes" }>): void {
    const { bytes } = work;
    const slice = bytes.subarray(0, terminalLimits.screenSliceBytes);
    if (slice.length < bytes.length) this.#work.unshift({ ...work, bytes: bytes.subarray(slice.length) });
    this.#isBusy = true;
    this.#terminal.write(slice, () => {
      this.#isBusy = false;
      this.#backlogBytes -= slice.length;
      this.#urgentBytes -= slice.length;
      this.#setPressure();
      this.#parse();
    });
  }

  /** Leaves out what would scroll away of the bytes at the end of the queue, before a snapshot just asked for. */
  #skip(): boolean {
    if (this.#modes.hasMargins()) return false;
    const end = this.#work.at(-1)?.kind === "snapshot" ? this.#work.length - 1 : this.#work.length;
    const start = this.#work.findLastIndex((work, n) => n < end && work.kind !== "bytes") + 1;
    const chunks = this.#work.slice(start, end).flatMap((work) => (work.kind === "bytes" ? [work] : []));
    const kept = skipFlood(chunks, terminalLimits.scrollbackLines + 2 * this.#terminal.rows);
    if (!kept) return false;
    this.#work.splice(start, end - start, ...kept.map((chunk): Work => ({ ...chunk, kind: "bytes" })));
    this.#backlogBytes += sizeOf(kept) - sizeOf(chunks);
    this.#urgentBytes = Math.min(this.#urgentBytes, this.#backlogBytes);
    return true;
  }

  #setPressure(): void {
    const { screenBacklogBytes } = terminalLimits;
    const isHigh = this.#backlogBytes > (this.#isHigh ? screenBacklogBytes / 4 : screenBacklogBytes);
    if (isHigh === this.#isHigh) return;
    this.#isHigh = isHigh;
    this.#options.pressure(isHigh);
  }

  /** RIS first: whatever the viewer showed before is replaced. */
  #draw(): string {
    const screen = this.#serializer.serialize({ scrollback: terminalLimits.scrollbackLines });
    return `\u001bc${screen}${this.#drawFullLine()}${this.#modes.draw()}`;
  }

  /** Behind the last column the cursor waits to wrap; only writing the line again brings it there. */
  #drawFullLine(): string {
    const { active } = this.#terminal.buffer;
    const { originMode, insertMode } = this.#terminal.modes;
    if (active.type !== "normal" || active.cursorX < this.#terminal.cols || originMode || insertMode)
      return "";
    const row = active.baseY + active.cursorY;
    const line = this.#serializer.serialize({
      range: { start: row, end: row },
      excludeModes: true,
      excludeAltBuffer: true,
    });
    return `\u001b[m\u001b[${active.cursorY + 1};1H${line}`;
  }
}

function sizeOf(chunks: readonly PlainChunk[]): number {
  return chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

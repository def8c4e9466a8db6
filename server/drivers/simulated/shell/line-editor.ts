/** Line editing for a terminal that is no tty of ours: `node:readline` on streams that exist only in memory. */
import readline from "node:readline";
import { Readable, Writable } from "node:stream";
import type { TerminalSize } from "../../vm-driver.ts";
import { KeyFilter } from "./key-filter.ts";

const HISTORY_LINES = 500;

export interface LineEditorOptions {
  readonly size: TerminalSize;
  readonly history: readonly string[];
  write(bytes: Uint8Array): void;
  line(text: string): void;
  interrupt(): void;
  /** Ctrl-D on an empty line. */
  end(): void;
  /** Candidates for the last word of the line, and that word. */
  complete(line: string): Promise<readonly [readonly string[], string]>;
}

type Completed = (error: null, result: [string[], string]) => void;

/** `readline` asks its output for these, as it would a tty. */
class Screen extends Writable {
  readonly isTTY = true;
  columns: number;
  rows: number;
  muted = false;

  constructor(
    size: TerminalSize,
    private readonly show: (bytes: Uint8Array) => void,
  ) {
    super();
    this.columns = size.cols;
    this.rows = size.rows;
  }

  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    if (!this.muted) this.show(Buffer.from(chunk));
    done();
  }
}

export class LineEditor {
  readonly #input = new Readable({ read() {} });
  readonly #keys = new KeyFilter();
  readonly #screen: Screen;
  readonly #readline: readline.Interface;
  readonly #candidates: LineEditorOptions["complete"];
  #pasting = false;

  constructor(options: LineEditorOptions) {
    this.#candidates = options.complete;
    this.#screen = new Screen(options.size, options.write);
    this.#readline = readline.createInterface({
      input: this.#input,
      output: this.#screen,
      terminal: true,
      history: [...options.history],
      historySize: HISTORY_LINES,
      removeHistoryDuplicates: true,
      completer: (line: string, done: Completed) => void this.#complete(line, done),
    });
    this.#readline.on("line", options.line);
    this.#readline.on("SIGINT", options.interrupt);
    this.#readline.on("close", options.end);
    // Without listeners `readline` would send these signals to the server itself: Ctrl-Z would suspend it.
    this.#readline.on("SIGTSTP", () => {});
    this.#readline.on("SIGCONT", () => {});
    this.#input.on("keypress", (_text: string | undefined, key: readline.Key) => {
      if (key.name === "paste-start") this.#pasting = true;
      if (key.name === "paste-end") this.#pasting = false;
    });
  }

  /** Between the marks of a bracketed paste: lines that come now were not confirmed with Enter. */
  get pasting(): boolean {
    return this.#pasting;
  }

  /** Handled before it returns: what a key does has been done. */
  feed(bytes: Uint8Array): void {
    const typed = this.#keys.take(bytes);
    if (typed.length > 0) this.#input.emit("data", Buffer.from(typed));
  }

  prompt(text: string): void {
    this.#readline.setPrompt(text);
    this.#readline.prompt();
  }

  /** Empties the line without drawing. */
  discard(): void {
    this.#screen.muted = true;
    this.#readline.write(null, { ctrl: true, name: "e" });
    this.#readline.write(null, { ctrl: true, name: "u" });
    this.#screen.muted = false;
  }

  resize({ cols, rows }: TerminalSize): void {
    this.#screen.columns = cols;
    this.#screen.rows = rows;
    this.#screen.emit("resize");
  }

  async #complete(line: string, done: Completed): Promise<void> {
    const [hits, word] = await this.#candidates(line).catch(() => [[], line] as const);
    done(null, [[...hits], word]);
  }

  dispose(): void {
    this.#readline.removeAllListeners("close");
    this.#readline.close();
    this.#input.destroy();
  }
}

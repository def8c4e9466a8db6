/** Draws the live state over itself, at most a few times a second, on the terminal's second screen. */
import { applyMessage, emptyState, renderLive } from "./live-state.ts";
import type { WatchMessage } from "./watch-message.ts";

/** Many events come at once; the eye needs few pictures. */
const FRAME_MS = 100;
const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";
const HOME = "\u001b[H";
const END_LINE = "\u001b[K\r\n";
const END_SCREEN = "\u001b[J";

export class LiveTable {
  readonly #out: NodeJS.WriteStream;
  #state = emptyState;
  #connection = "";
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #redraw = () => this.#draw();

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    out.write(ENTER);
    out.on("resize", this.#redraw);
  }

  message(message: WatchMessage): void {
    this.#state = applyMessage(this.#state, message, Date.now());
    this.#soon();
  }

  connection(text: string): void {
    this.#connection = text;
    this.#soon();
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#out.off("resize", this.#redraw);
    this.#out.write(LEAVE);
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#draw();
    }, FRAME_MS);
  }

  #draw(): void {
    const size = { cols: this.#out.columns || 80, rows: this.#out.rows || 24 };
    const text = renderLive(this.#state, this.#connection, size).map((line) => line + END_LINE);
    this.#out.write(HOME + text.join("") + END_SCREEN);
  }
}

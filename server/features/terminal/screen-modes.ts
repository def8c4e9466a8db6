/** State of a terminal that the serializer leaves out: margins, cursor look, title, paste marks; and answers the screen has no colours for. */
import type { Terminal } from "@xterm/headless";

/** Default colours of the product's dark terminal, as programs ask for them with OSC 10, 11 and 12. */
const DEFAULT_COLORS: ReadonlyMap<number, string> = new Map([
  [10, "rgb:e4e4/e4e4/e7e7"],
  [11, "rgb:0909/0909/0b0b"],
  [12, "rgb:e4e4/e4e4/e7e7"],
]);
/** A title longer than this is no title. */
const TITLE_CHARS = 256;

export interface TrackedModes {
  hasMargins(): boolean;
  /** A resize takes the margins away. */
  resized(): void;
  /** Sequences that bring a screen with the serialized content to the same state. */
  draw(): string;
}

export function trackModes(terminal: Terminal, reply: (bytes: Uint8Array) => void): TrackedModes {
  let margins: { top: number; bottom: number } | null = null;
  let isCursorHidden = false;
  let cursorStyle = 0;
  let mouseEncoding: number | null = null;
  let title = "";

  const reset = () => {
    margins = null;
    isCursorHidden = false;
    cursorStyle = 0;
    mouseEncoding = null;
    return false;
  };
  const switchMode = (params: readonly (number | number[])[], isSet: boolean) => {
    for (const mode of params) {
      if (mode === 25) isCursorHidden = !isSet;
      if (mode === 1006 || mode === 1016) mouseEncoding = isSet ? mode : null;
    }
    return false;
  };
  // Handlers that return false only listen: the terminal goes on to do its own work.
  const { parser } = terminal;
  parser.registerEscHandler({ final: "c" }, reset);
  parser.registerCsiHandler({ intermediates: "!", final: "p" }, reset);
  parser.registerCsiHandler({ prefix: "?", final: "h" }, (params) => switchMode(params, true));
  parser.registerCsiHandler({ prefix: "?", final: "l" }, (params) => switchMode(params, false));
  parser.registerCsiHandler({ intermediates: " ", final: "q" }, ([style]) => {
    cursorStyle = typeof style === "number" ? style : 0;
    return false;
  });
  parser.registerCsiHandler({ final: "r" }, ([first, last]) => {
    const top = Math.max(1, Number(first ?? 1));
    const bottom = Number(last ?? 0) || terminal.rows;
    margins = top === 1 && bottom >= terminal.rows ? null : { top, bottom };
    return false;
  });
  for (const [code, color] of DEFAULT_COLORS)
    parser.registerOscHandler(code, (data) => {
      if (data === "?") reply(Buffer.from(`\u001b]${code};${color}\u001b\\`));
      return data === "?";
    });
  terminal.onTitleChange((text) => {
    title = text.replace(/\p{Cc}/gu, "").slice(0, TITLE_CHARS);
  });

  return {
    hasMargins: () => margins !== null,
    resized: () => {
      margins = null;
    },
    draw: () =>
      [
        title === "" ? "" : `\u001b]2;${title}\u001b\\`,
        margins === null ? "" : drawMargins(terminal, margins),
        mouseEncoding === null ? "" : `\u001b[?${mouseEncoding}h`,
        cursorStyle === 0 ? "" : `\u001b[${cursorStyle} q`,
        isCursorHidden ? "\u001b[?25l" : "",
      ].join(""),
  };
}

/** Setting margins moves the cursor home, so it is put back; in origin mode rows count from the top margin. */
function drawMargins(terminal: Terminal, { top, bottom }: { top: number; bottom: number }): string {
  const { cursorX, cursorY } = terminal.buffer.active;
  const row = terminal.modes.originMode ? cursorY + 2 - top : cursorY + 1;
  return `\u001b[${top};${bottom}r\u001b[${row};${cursorX + 1}H`;
}

/** The screen of a terminal on the page: xterm.js with what we load into it and what we keep out of it. */
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal } from "@xterm/xterm";
import { isTyping, silenceQueries } from "./query-silence.ts";
import { shortcutOf } from "./terminal-keys.ts";
import type { TerminalShortcut } from "./terminal-keys.ts";
import { webAddress } from "./terminal-link.ts";
import type { TerminalScreen } from "./terminal-session.ts";
import type { TerminalSize } from "./terminal-size.ts";
import { isSameSize } from "./terminal-size.ts";
import type { TerminalLook } from "./terminal-look.ts";
import { drawOnGpu } from "./webgl-renderer.ts";

/** Lines above the screen that can be scrolled to; each costs a few hundred bytes. */
const SCROLLBACK_LINES = 5_000;
/** RIS: a reset that takes its place in the stream, behind what is still waiting to be drawn. */
const RESET = "\u001Bc";

export interface ScreenEvents {
  onTyping(text: string): void;
  /** Bytes that are no text, e.g. old mouse reports. */
  onBinary(bytes: Uint8Array): void;
  onTitle(title: string): void;
  onShortcut(shortcut: TerminalShortcut): void;
}

export interface XtermScreen extends TerminalScreen {
  readonly search: SearchAddon;
  focus(): void;
  leave(): void;
  clear(): void;
  selection(): string;
  setLook(look: TerminalLook): void;
  dispose(): void;
}

function follow(_event: MouseEvent, text: string) {
  const address = webAddress(text);
  if (address) window.open(address, "_blank", "noopener,noreferrer");
}

function createTerminal(look: TerminalLook): Terminal {
  return new Terminal({
    ...look,
    allowProposedApi: true, // the unicode11 addon and search decorations
    scrollback: SCROLLBACK_LINES,
    logLevel: "error", // it warns when a page is slow, which is no news to anybody
    cursorBlink: true,
    lineHeight: 1.15,
    macOptionIsMeta: true,
    rightClickSelectsWord: true,
    linkHandler: { activate: follow, allowNonHttpProtocols: false },
  });
}

/** Typing, without answers: see query-silence.ts. */
function listen(terminal: Terminal, events: ScreenEvents) {
  let isDrawing = false;
  terminal.parser.registerCsiHandler({ prefix: "?", final: "h" }, () => {
    isDrawing = true;
    return false;
  });
  terminal.onWriteParsed(() => (isDrawing = false));
  terminal.onData((text) => {
    if (isTyping(text, isDrawing)) events.onTyping(text);
  });
  terminal.onBinary((text) => events.onBinary(Uint8Array.from(text, (unit) => unit.charCodeAt(0))));
  terminal.onTitleChange((title) => events.onTitle(title));
  terminal.attachCustomKeyEventHandler((key) => {
    const shortcut = shortcutOf(key);
    if (!shortcut) return true;
    // Pasting is left to the browser: it needs no permission that way.
    if (shortcut !== "paste") {
      key.preventDefault();
      events.onShortcut(shortcut);
    }
    return false;
  });
}

function loadAddons(terminal: Terminal) {
  const fit = new FitAddon();
  const search = new SearchAddon();
  terminal.loadAddon(fit);
  terminal.loadAddon(search);
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  terminal.loadAddon(new WebLinksAddon(follow));
  return { fit, search };
}

function sizeOf({ cols, rows }: TerminalSize): TerminalSize {
  return { cols, rows };
}

export function createXtermScreen(host: HTMLElement, look: TerminalLook, events: ScreenEvents): XtermScreen {
  const terminal = createTerminal(look);
  silenceQueries(terminal.parser);
  listen(terminal, events);
  const { fit, search } = loadAddons(terminal);
  terminal.open(host);
  terminal.textarea?.setAttribute("aria-label", "Terminal. Control Shift E leaves it.");
  drawOnGpu(terminal);

  return {
    search,
    write: (bytes, onDrawn) => terminal.write(bytes, onDrawn),
    restore(bytes, onDrawn) {
      terminal.write(RESET);
      terminal.write(bytes, onDrawn);
    },
    resize(size: TerminalSize) {
      if (!isSameSize(size, terminal)) terminal.resize(size.cols, size.rows);
    },
    // On a hidden tab there is no place to fit: the size stays as it is.
    fitting: () => (host.clientWidth > 0 && fit.proposeDimensions()) || sizeOf(terminal),
    focus: () => terminal.focus(),
    leave: () => terminal.blur(),
    clear: () => terminal.clear(),
    selection: () => terminal.getSelection(),
    setLook: (next) => void Object.assign(terminal.options, next),
    dispose: () => terminal.dispose(),
  };
}

/** How the terminal looks: the page's tokens and the person's settings as options of xterm. */
import { planPalette } from "./terminal-palette.ts";

export interface TerminalSettings {
  /** Pixels. */
  fontSize: number;
  /** Costs more than half of the drawing speed, so it is a choice. */
  isScreenReader: boolean;
}

export const fontSizes = { min: 9, max: 28, standard: 14 } as const;

export function stepFontSize(size: number, step: 1 | -1): number {
  return Math.min(fontSizes.max, Math.max(fontSizes.min, size + step));
}

export interface TerminalLook {
  readonly theme: ReturnType<typeof planPalette>;
  readonly fontFamily: string;
  readonly fontSize: number;
  readonly screenReaderMode: boolean;
}

/** `token` reads a custom property of the document. */
export function planLook(token: (name: string) => string, settings: TerminalSettings): TerminalLook {
  return {
    theme: planPalette({
      background: token("--terminal-bg"),
      foreground: token("--terminal-fg"),
      accent: token("--accent"),
    }),
    fontFamily: token("--font-mono"),
    fontSize: settings.fontSize,
    screenReaderMode: settings.isScreenReader,
  };
}

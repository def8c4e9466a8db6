/** Colours of the terminal: the page's tokens, and sixteen colours that can be read on them. */
export interface PaletteTokens {
  readonly background: string;
  readonly foreground: string;
  readonly accent: string;
}

const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;
type BaseName = (typeof names)[number];
type BrightName = `bright${Capitalize<BaseName>}`;
type Sixteen = Readonly<Record<BaseName | BrightName, string>>;

/** Each but black has at least 4.5:1 on the dark background. */
export const onDark: Sixteen = {
  black: "#343b4d",
  red: "#f47c85",
  green: "#74d39a",
  yellow: "#e6c26a",
  blue: "#7ea6ff",
  magenta: "#cf94f2",
  cyan: "#62cfdc",
  white: "#c6cedd",
  brightBlack: "#7f8aa3",
  brightRed: "#ff9ba1",
  brightGreen: "#98e8b6",
  brightYellow: "#f6da90",
  brightBlue: "#a5c2ff",
  brightMagenta: "#e1b6ff",
  brightCyan: "#8fe6f0",
  brightWhite: "#f4f6fb",
};

/** The same hues for a light background. */
export const onLight: Sixteen = {
  black: "#1b2030",
  red: "#b3232f",
  green: "#14713b",
  yellow: "#805a00",
  blue: "#2450c0",
  magenta: "#8a2ea0",
  cyan: "#0b6b78",
  white: "#596274",
  brightBlack: "#5b6478",
  brightRed: "#c63640",
  brightGreen: "#1a7f45",
  brightYellow: "#8c6400",
  brightBlue: "#3a66d8",
  brightMagenta: "#9c42b2",
  brightCyan: "#107685",
  brightWhite: "#2a3040",
};

function channel(hex: string, at: number): number {
  const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Relative luminance of `#rrggbb`, 0 to 1, as WCAG defines it. */
export function luminance(hex: string): number {
  return 0.2126 * channel(hex, 1) + 0.7152 * channel(hex, 3) + 0.0722 * channel(hex, 5);
}

/** Contrast of two colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

export function planPalette({ background, foreground, accent }: PaletteTokens) {
  return {
    ...(luminance(background) < 0.3 ? onDark : onLight),
    background,
    foreground,
    cursor: foreground,
    cursorAccent: background,
    selectionBackground: `${accent}66`,
    selectionInactiveBackground: `${accent}3d`,
  };
}

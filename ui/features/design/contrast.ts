/** Contrast of two colours as WCAG 2 defines it, for the figures on the style page. */

/** Relative luminance of `#rrggbb`. */
export function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** From 1 (the same) to 21 (black on white). */
export function contrastOf(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

export interface ColourPair {
  readonly front: string;
  readonly back: string;
  /** What WCAG AA asks for: 4.5 for text, 3 for shapes. */
  readonly least: 4.5 | 3;
}

const text = (front: string, back: string): ColourPair => ({ front, back, least: 4.5 });
const shape = (front: string, back: string): ColourPair => ({ front, back, least: 3 });

export const colourPairs: readonly ColourPair[] = [
  text("text", "surface"),
  text("text", "panel"),
  text("muted", "surface"),
  text("muted", "panel"),
  text("accent-text", "panel"),
  text("on-accent", "accent"),
  text("accent-text", "accent-soft"),
  text("success-fg", "success-bg"),
  text("warning-fg", "warning-bg"),
  text("danger-fg", "danger-bg"),
  text("info-fg", "info-bg"),
  text("neutral-fg", "neutral-bg"),
  text("on-danger", "danger-solid"),
  shape("border-strong", "panel"),
  shape("chart-1", "panel"),
  shape("chart-2", "panel"),
  shape("chart-3", "panel"),
  shape("chart-4", "panel"),
  shape("chart-5", "panel"),
  shape("chart-6", "panel"),
];

/** Colours of text and background have the contrast that WCAG AA asks for, in both themes. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tones } from "../../../ui/shared/components/tones.ts";

const css = readFileSync(join(import.meta.dir, "../../../ui/shared/styles/tokens.css"), "utf8");

function tokensOf(theme: string): Map<string, string> {
  const block = css.split(`:root[data-theme="${theme}"]`)[1]?.split("}")[0] ?? "";
  return new Map(
    [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name = "", hex = ""]) => [name, hex]),
  );
}

/** Relative luminance as WCAG 2 defines it. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const TEXT = 4.5;
const GRAPHIC = 3;

const grounds = ["surface", "panel", "raised", "inset", "hover"];
const pairs: [string, string, number][] = [
  ...grounds.flatMap((ground): [string, string, number][] => [
    ["text", ground, TEXT],
    ["muted", ground, TEXT],
  ]),
  ["accent-text", "panel", TEXT],
  ["accent-text", "surface", TEXT],
  ["accent-text", "accent-soft", TEXT],
  ["text", "accent-soft", TEXT],
  ["muted", "accent-soft", TEXT],
  ["on-accent", "accent", TEXT],
  ["on-danger", "danger-solid", TEXT],
  ["terminal-fg", "terminal-bg", TEXT],
  ["terminal-error", "terminal-bg", TEXT],
  ["terminal-step", "terminal-bg", TEXT],
  ["border-strong", "panel", GRAPHIC],
  ["accent", "panel", GRAPHIC],
  ["danger-fg", "panel", TEXT],
  ["warning-fg", "inset", TEXT],
  ...tones.map((tone): [string, string, number] => [`${tone}-fg`, `${tone}-bg`, TEXT]),
  ...[1, 2, 3, 4, 5, 6].map((n): [string, string, number] => [`chart-${n}`, "panel", GRAPHIC]),
];

for (const theme of ["light", "dark"]) {
  describe(`the ${theme} theme`, () => {
    const tokens = tokensOf(theme);
    test.each(pairs)("shows %s on %s with contrast enough", (front, back, least) => {
      expect(contrast(tokens.get(front) ?? "#000000", tokens.get(back) ?? "#000000")).toBeGreaterThanOrEqual(
        least,
      );
    });
  });
}

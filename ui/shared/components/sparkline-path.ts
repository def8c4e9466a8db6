/** The line and the area of a sparkline, as SVG paths in a box of `width` by `height`. */

export interface SparklinePaths {
  readonly line: string;
  readonly area: string;
}

const PADDING = 1;

/** `values` from 0 to `max`, oldest first; `slots` is how many fit, so that a short history starts at the right. */
export function sparklinePaths(
  values: readonly number[],
  box: { readonly width: number; readonly height: number },
  max: number,
  slots: number,
): SparklinePaths {
  const shown = values.slice(-slots);
  if (shown.length < 2) return { line: "", area: "" };
  const stepX = box.width / (slots - 1);
  const firstX = box.width - stepX * (shown.length - 1);
  const usable = box.height - 2 * PADDING;
  const points = shown.map((value, index) => {
    const share = Math.min(1, Math.max(0, value / max));
    return `${(firstX + index * stepX).toFixed(1)} ${(PADDING + usable * (1 - share)).toFixed(1)}`;
  });
  const line = `M${points.join("L")}`;
  return { line, area: `${line}L${box.width} ${box.height}L${firstX.toFixed(1)} ${box.height}Z` };
}

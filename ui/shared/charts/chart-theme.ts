/** The colours and type a chart is drawn with; filled from CSS tokens by `use-chart-theme.ts`. */
export interface ChartTheme {
  readonly fontFamily: string;
  readonly text: string;
  readonly grid: string;
  readonly crosshair: string;
  readonly danger: string;
  /** One per series, in order. */
  readonly series: readonly string[];
}

/** Adds transparency to an `rgb()` colour; others stay as they are. */
export function faded(colour: string, alpha: number): string {
  const channels = /^rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)/.exec(colour);
  return channels ? `rgba(${channels[1]}, ${channels[2]}, ${channels[3]}, ${alpha})` : colour;
}

/** The colour of the series at `index`; begins anew when there are more series than colours. */
export function seriesColour(theme: ChartTheme, index: number): string {
  return theme.series[index % Math.max(1, theme.series.length)] ?? theme.text;
}

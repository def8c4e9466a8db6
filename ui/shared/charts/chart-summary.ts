/** What a chart says to those who do not see it, in one sentence; pure. */
import type { ChartInput } from "./chart-plan.ts";
import { highestValue, newestValue } from "./points.ts";
import { formatValue } from "./units.ts";

type Shown = Pick<ChartInput, "series" | "unit" | "rangeMs" | "thresholds">;

function rangeInWords(rangeMs: number): string {
  const minutes = Math.round(rangeMs / 60_000);
  return minutes === 1 ? "the last minute" : `the last ${minutes} minutes`;
}

export function hasPoints(series: ChartInput["series"]): boolean {
  return series.some(({ points }) => points.some(([, value]) => value !== null));
}

export function summarise(
  title: string,
  { series, unit, rangeMs, thresholds }: Shown,
  stale: boolean,
): string {
  if (!hasPoints(series)) return `${title}: no data yet.`;
  const lines = series.map(({ name, points }) => {
    const newest = formatValue(unit, newestValue(points));
    return `${name} ${newest}, highest ${formatValue(unit, highestValue(points))}`;
  });
  const passed = (thresholds ?? []).filter(({ value }) =>
    series.some(({ points }) => (newestValue(points) ?? 0) >= value),
  );
  const warning =
    passed.length > 0 ? ` Over the threshold: ${passed.map(({ label }) => label).join(", ")}.` : "";
  const age = stale ? " Not live: the connection is down." : "";
  return `${title} in ${rangeInWords(rangeMs)}: ${lines.join("; ")}.${warning}${age}`;
}

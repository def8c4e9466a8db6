/** Samples as points of a line, with a hole where samples are missing. */

/** Time in epoch milliseconds and value; null breaks the line. */
export type Point = readonly [atMs: number, value: number | null];

interface Timed {
  readonly atMs: number;
}

/** A line drawn over a pause would state what nobody measured: after this many missing samples it breaks. */
const MISSING_SAMPLES = 3;

export function toPoints<S extends Timed>(
  samples: readonly S[],
  everyMs: number,
  valueOf: (sample: S) => number,
): Point[] {
  const points: Point[] = [];
  let before: number | null = null;
  for (const sample of samples) {
    if (before !== null && sample.atMs - before > everyMs * MISSING_SAMPLES)
      points.push([before + everyMs, null]);
    points.push([sample.atMs, valueOf(sample)]);
    before = sample.atMs;
  }
  return points;
}

/** The value at `atMs`, or of the nearest point within `reachMs`. Points are in order of time. */
export function valueAt(points: readonly Point[], atMs: number, reachMs: number): number | null {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.[0] ?? 0) < atMs) low = middle + 1;
    else high = middle;
  }
  const candidates = [points[low - 1], points[low]].filter((point) => point !== undefined);
  const nearest = candidates.sort((a, b) => Math.abs(a[0] - atMs) - Math.abs(b[0] - atMs))[0];
  return nearest && Math.abs(nearest[0] - atMs) <= reachMs ? nearest[1] : null;
}

/** The points inside the window, and the one before it, from which the line enters. */
export function pointsSince(points: readonly Point[], fromMs: number): readonly Point[] {
  const first = points.findIndex(([atMs]) => atMs >= fromMs);
  if (first === -1) return [];
  return first <= 1 ? points : points.slice(first - 1);
}

/** The newest value; null when there is none or the line is broken there. */
export function newestValue(points: readonly Point[]): number | null {
  return points.at(-1)?.[1] ?? null;
}

export function highestValue(points: readonly Point[]): number {
  let highest = 0;
  for (const [, value] of points) if (value !== null && value > highest) highest = value;
  return highest;
}

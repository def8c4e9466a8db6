/** Pure: from counters that only grow to rates, without ever going negative. */

/** Growth per second; 0 when the counter was reset or wrapped, or when no time has passed. */
export function ratePerS(before: number, after: number, elapsedMs: number): number {
  const growth = after - before;
  if (!(growth > 0) || !(elapsedMs > 0)) return 0;
  return (growth * 1000) / elapsedMs;
}

/** `part` of `whole` in percent, within 0 and 100. */
export function sharePercent(part: number, whole: number): number {
  if (!(whole > 0) || !(part > 0)) return 0;
  // Compared before it is divided: the widest numbers would overflow.
  return part >= whole ? 100 : (part / whole) * 100;
}

/** One decimal is what a chart can show, and it keeps frames short. */
export function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

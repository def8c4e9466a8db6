/** How far back the charts of a page can look; the longest is what the server keeps. */
export const chartRanges = [
  { value: "1", label: "1 min" },
  { value: "5", label: "5 min" },
  { value: "10", label: "10 min" },
] as const;

export function rangeMsOf(minutes: string): number {
  return (Number(minutes) || 10) * 60_000;
}

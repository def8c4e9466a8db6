/** Points in time and spans as words. */

const relative = new Intl.RelativeTimeFormat("en", { numeric: "always", style: "short" });

const steps = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** "just now", "3 min. ago", "2 days ago"; a clock that is a little ahead is "just now" too. */
export function formatRelative(atMs: number, nowMs: number): string {
  const ageMs = nowMs - atMs;
  for (const [unit, sizeMs] of steps) {
    if (ageMs >= sizeMs) return relative.format(-Math.floor(ageMs / sizeMs), unit).replace(".", "");
  }
  return "just now";
}

/** Time of day, 24 hours. */
export function formatClock(atMs: number): string {
  return new Date(atMs).toLocaleTimeString("en-GB");
}

/** Day and time, to the second. */
export function formatMoment(atMs: number): string {
  return new Date(atMs).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

/** Numbers and times as people read them in a terminal. */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

export function formatPercent(percent: number): string {
  return `${percent.toFixed(1)} %`;
}

/** The two largest units, e.g. `1d 2h` or `3m 4s`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ];
  const from = parts.findIndex(([count]) => count > 0);
  if (from === -1) return "0s";
  return parts
    .slice(from, from + 2)
    .map(([count, unit]) => `${count}${unit}`)
    .join(" ");
}

/** Local time of day. */
export function formatTime(atMs: number): string {
  return new Date(atMs).toTimeString().slice(0, 8);
}

/** Local day and time to the minute. */
export function formatMoment(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${at.toTimeString().slice(0, 5)}`;
}

/**
 * Text from elsewhere without control characters: an error or a job's output must not be able to move the cursor,
 * change the title or write to the clipboard of the terminal it is shown in.
 */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, " ");
}

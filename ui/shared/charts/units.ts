/** Numbers as people read them: percent, bytes and rates in binary units, loads, durations. */

export const units = ["percent", "bytes", "bytesPerS", "plain"] as const;
export type Unit = (typeof units)[number];

const binaryPrefixes = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
const KIBI = 1024;

/** Three digits that matter, without trailing zeros: 0.04, 1.25, 12.5, 125. */
function short(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

/** The power of 1024 in which `value` is at least 1 after rounding: 1023.9 is shown as 1 KiB. */
export function binaryPower(value: number): number {
  let power = 0;
  let rest = Math.abs(value);
  while (Math.round(rest) >= KIBI && power < binaryPrefixes.length - 1) {
    rest /= KIBI;
    power += 1;
  }
  return power;
}

export function formatBytes(value: number): string {
  const power = binaryPower(value);
  const scaled = value / KIBI ** power;
  // A part of a byte is no information.
  return `${power === 0 ? Math.round(scaled) : short(scaled)} ${binaryPrefixes[power]}`;
}

/** A value with its unit; a dash where there is none. */
export function formatValue(unit: Unit, value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  switch (unit) {
    case "percent":
      return `${value >= 99.95 || value < 0.05 ? Math.round(value) : value.toFixed(1)} %`;
    case "bytes":
      return formatBytes(value);
    case "bytesPerS":
      return `${formatBytes(value)}/s`;
    case "plain":
      return short(value);
    default:
      return unit satisfies never;
  }
}

const durationParts = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
] as const;

/** The two largest parts of a duration: `3 d 4 h`, `12 min 5 s`. */
export function formatDuration(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds));
  const words: string[] = [];
  for (const [name, size] of durationParts) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(`${count} ${name}`);
    else if (words.length > 0) break;
    if (words.length === 2) break;
  }
  return words.join(" ") || "0 s";
}

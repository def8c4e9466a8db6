/** Credits and times of administration as text. */
import { MILLI } from "#protocol";

const format = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });

/** `12500` milli-credits are "12.5". */
export function creditText(milli: number): string {
  return format.format(milli / MILLI);
}

/** Local day and minute; a dash for never. */
export function dayText(atMs: number | null): string {
  if (atMs === null) return "-";
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

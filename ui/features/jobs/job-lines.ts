/** The output of one job, gathered line by line. */
import type { JobLine } from "#protocol";
import { limits } from "#protocol";

/** Lines carry their number, so a line that comes twice counts once; the oldest go first when there are too many. */
export function appendLines(known: readonly JobLine[], more: readonly JobLine[]): readonly JobLine[] {
  const newest = known.at(-1)?.n ?? 0;
  const fresh = more.filter((line) => line.n > newest);
  return fresh.length === 0 ? known : [...known, ...fresh].slice(-limits.jobOutputLines);
}

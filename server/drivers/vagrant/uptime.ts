/** Since when a machine runs: the start of its QEMU process, which libvirt notes in a file that everybody may read. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const PID_FOLDER = "/run/libvirt/qemu";
/** USER_HZ of Linux, in which /proc counts process times on every architecture Bun runs on. */
const TICKS_PER_SECOND = 100;

/** 0 when it cannot be told, as on a host without /proc. */
export async function uptimeSeconds(domain: string): Promise<number> {
  try {
    const pid = (await readFile(join(PID_FOLDER, `${domain}.pid`), "utf8")).trim();
    if (!/^\d+$/.test(pid)) return 0;
    const [stat, uptime] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile("/proc/uptime", "utf8"),
    ]);
    return uptimeOf(stat, uptime);
  } catch {
    return 0;
  }
}

/** Pure: from the texts of /proc/PID/stat and /proc/uptime. */
export function uptimeOf(stat: string, uptime: string): number {
  // The name in parentheses may hold blanks; fields are counted behind it, and the 20th there is the start time.
  const startTicks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  const hostSeconds = Number(uptime.split(" ")[0]);
  const seconds = hostSeconds - startTicks / TICKS_PER_SECOND;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}

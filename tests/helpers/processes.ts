/** Processes as the kernel shows them in /proc: a small system has no `ps`. */
import { readdirSync, readFileSync } from "node:fs";

/** The fields after the name, which stands in brackets and may hold anything: state, parent, ... */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

/** A zombie is dead. */
export function isAlive(pid: number): boolean {
  const [state] = statOf(pid);
  return state !== undefined && state !== "Z";
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** Children of `parent` whose command line matches. */
export function childrenOf(parent: number, pattern: RegExp): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids
    .map(Number)
    .filter((pid) => statOf(pid)[1] === String(parent) && pattern.test(commandLine(pid)));
}

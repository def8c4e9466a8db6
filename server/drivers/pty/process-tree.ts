/** Finds and ends everything a terminal's first process started, also background jobs in process groups of their own. */
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Clock ticks since boot: tells a process from a later one with the same pid. */
  readonly startedAt: string;
}

function readProcess(pid: number): ProcessFacts | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold blanks and parentheses itself; fields count from behind the last one.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, parent, , session] = fields;
    const startedAt = fields[19];
    if (state === undefined || state === "Z" || startedAt === undefined) return null;
    return { pid, parent: Number(parent), session: Number(session), startedAt };
  } catch {
    return null;
  }
}

/** Living members of the session led by `leader`, and their descendants even if they left that session. */
export function processesOf(leader: number): readonly ProcessFacts[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((facts) => facts !== null);
  const found = new Map(all.filter((p) => p.pid === leader || p.session === leader).map((p) => [p.pid, p]));
  for (let grown = true; grown;) {
    grown = false;
    for (const facts of all) {
      if (found.has(facts.pid) || !found.has(facts.parent)) continue;
      found.set(facts.pid, facts);
      grown = true;
    }
  }
  return [...found.values()];
}

/** Every living process whose environment holds `entry` (`NAME=value`): also one that left its session and lost its parent. */
export function processesWith(entry: string): readonly ProcessFacts[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(`\0${entry}\0`))
    .map((name) => readProcess(Number(name)))
    .filter((facts) => facts !== null);
}

/** Empty for processes of other users. */
function environmentOf(pid: string): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, "latin1")}\0`;
  } catch {
    return "";
  }
}

export function signalAll(processes: readonly ProcessFacts[], signal: NodeJS.Signals): void {
  for (const { pid, startedAt } of processes) {
    if (readProcess(pid)?.startedAt !== startedAt) continue;
    try {
      process.kill(pid, signal);
    } catch {
      // It ended between the look and the signal, which is what we wanted.
    }
  }
}

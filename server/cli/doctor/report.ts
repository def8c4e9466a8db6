/** What `doctor` says in the end: all it saw, and the one command to type next. Pure. */
import { renderTable } from "../table.ts";
import type { Check, Verdict } from "./check.ts";

export interface Report {
  /** False when something must be mended before the server can run well. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
  /** The next command: mend first what is broken, then what would make more possible. */
  readonly next: string;
}

export function reportOf(checks: readonly Check[]): Report {
  const nextOf = (verdict: Verdict) =>
    checks.find((check) => check.verdict === verdict && check.next !== null)?.next ?? null;
  const isRunning = checks.some(({ name, verdict }) => name === "port" && verdict === "note");
  return {
    ok: checks.every(({ verdict }) => verdict !== "problem"),
    checks,
    next: nextOf("problem") ?? nextOf("optional") ?? (isRunning ? "twarga login" : "npm start"),
  };
}

const words = { ok: "ok", note: "ok", optional: "missing", problem: "PROBLEM" } as const satisfies Record<
  Verdict,
  string
>;

export function reportText({ checks, next }: Report): string {
  const rows = checks.map(({ name, verdict, detail }) => [words[verdict], name, detail]);
  return `${renderTable(["", "WHAT", "FOUND"], rows)}\n\nNext: ${next}`;
}

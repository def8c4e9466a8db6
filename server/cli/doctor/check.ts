/** One thing `doctor` looked at. */

/**
 * `ok` - as it should be; `note` - good to know; `optional` - missing, and the cloud works without it;
 * `problem` - the server cannot run well until it is mended.
 */
export type Verdict = "ok" | "note" | "optional" | "problem";

export interface Check {
  readonly name: string;
  readonly verdict: Verdict;
  /** What was found, one line. */
  readonly detail: string;
  /** The command that mends it. */
  readonly next: string | null;
}

export const ok = (name: string, detail: string): Check => ({ name, verdict: "ok", detail, next: null });

export const note = (name: string, detail: string): Check => ({ name, verdict: "note", detail, next: null });

export const optional = (name: string, detail: string, next: string | null): Check => ({
  name,
  verdict: "optional",
  detail,
  next,
});

export const problem = (name: string, detail: string, next: string | null): Check => ({
  name,
  verdict: "problem",
  detail,
  next,
});

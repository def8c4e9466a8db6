/** A roster on its way in: what the dry run says, and the passwords as a file or on paper; pure. */
import type { RosterRow } from "#protocol";
import type { Tone } from "../../../shared/components/tones.ts";

export const rosterExample = `username,email,class,credits,vmQuota,expiresAt
mia,mia@school.example,10A,50,2,2027-07-31
ben,,10A,50,2,`;

/** As the schema of the import takes it. */
export const MAX_ROSTER_CHARACTERS = 60_000;

type Outcome = RosterRow["outcome"];

interface OutcomeLook {
  readonly label: string;
  readonly tone: Tone;
}

/** A dry run tells what would be; afterwards it is so. */
export function outcomeLook(outcome: Outcome, isDryRun: boolean): OutcomeLook {
  switch (outcome) {
    case "created":
      return { label: isDryRun ? "New" : "Created", tone: "success" };
    case "updated":
      return { label: isDryRun ? "Changes" : "Changed", tone: "info" };
    case "unchanged":
      return { label: "As it is", tone: "neutral" };
    case "refused":
      return { label: "Refused", tone: "danger" };
    default:
      return outcome satisfies never;
  }
}

const count = (rows: readonly RosterRow[], outcome: Outcome) =>
  rows.filter((row) => row.outcome === outcome).length;

/** "2 new, 1 changed, 0 refused" without what is none. */
export function rosterSummary(rows: readonly RosterRow[]): string {
  const parts = [
    [count(rows, "created"), "new"],
    [count(rows, "updated"), "changed"],
    [count(rows, "unchanged"), "as they are"],
    [count(rows, "refused"), "refused"],
  ] as const;
  const words = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return words.length > 0 ? words.join(", ") : "No rows";
}

/** Rows that an import would act on. */
export function hasWork(rows: readonly RosterRow[]): boolean {
  return rows.some(({ outcome }) => outcome === "created" || outcome === "updated");
}

/** Those who get a password, with it. */
export function newPasswords(
  rows: readonly RosterRow[],
): readonly { readonly username: string; readonly password: string }[] {
  return rows.flatMap(({ username, password }) => (password === null ? [] : [{ username, password }]));
}

/** A cell that a spreadsheet would take for a formula, or that holds a separator, is quoted. */
function cell(text: string): string {
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** With line ends as spreadsheets expect them. */
export function passwordsCsv(rows: readonly RosterRow[]): string {
  const lines = newPasswords(rows).map(({ username, password }) => `${cell(username)},${cell(password)}`);
  return ["username,password", ...lines, ""].join("\r\n");
}

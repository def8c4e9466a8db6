/** The text of a roster as rows with their lines: any text gives rows or one reason, and never throws. */
import Papa from "papaparse";

export const rosterColumns = ["username", "email", "class", "credits", "vmQuota", "expiresAt"] as const;
export type RosterColumn = (typeof rosterColumns)[number];

/** More than any class; a larger file is cut in two by hand. */
export const MAX_ROWS = 1_000;

export interface RosterLine {
  /** Where it begins, the header being line 1. */
  readonly line: number;
  /** Trimmed; absent columns are empty. */
  readonly cells: Readonly<Record<RosterColumn, string>>;
  /** Why the row cannot be read. */
  readonly problem: string | null;
}

export type RosterFile =
  | { readonly ok: true; readonly lines: readonly RosterLine[] }
  /** Completes "csv must be". */
  | { readonly ok: false; readonly rule: string };

const DELIMITERS = [",", ";", "\t"];
const headerRule = `a table with a header line of ${rosterColumns.join(",")}, of which username must be there`;

/** As saved by a spreadsheet: byte order mark, other line ends, and a semicolon where the comma is the decimal sign. */
export function readRoster(text: string): RosterFile {
  const clean = text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const firstLine = clean.slice(0, Math.max(0, clean.indexOf("\n"))) || clean;
  const delimiter = DELIMITERS.find((sign) => firstLine.includes(sign)) ?? ",";
  const { data, errors } = Papa.parse<string[]>(clean, { delimiter, newline: "\n", header: false });
  const columns = columnsOf(data[0] ?? []);
  if (columns === null) return { ok: false, rule: headerRule };

  const broken = new Set(errors.map(({ row }) => row));
  const lines: RosterLine[] = [];
  let line = 1;
  for (const [index, row] of data.entries()) {
    const isBlank = row.every((cell) => cell.trim() === "");
    if (index > 0 && !isBlank) lines.push(lineOf(line, row, columns, broken.has(index)));
    // A quoted cell may hold line ends of its own.
    line += 1 + row.join("").split("\n").length - 1;
  }
  if (lines.length === 0) return { ok: false, rule: "a table with at least one row below its header" };
  if (lines.length > MAX_ROWS) return { ok: false, rule: `a table of at most ${MAX_ROWS} rows` };
  return { ok: true, lines };
}

/** Names by position, in any order and case; null when one is unknown, twice there, or username is missing. */
function columnsOf(header: readonly string[]): RosterColumn[] | null {
  const found = header.map((cell) => {
    const name = cell.trim().toLowerCase();
    return rosterColumns.find((column) => column.toLowerCase() === name);
  });
  const known = found.filter((column) => column !== undefined);
  const isWhole = known.length === header.length && new Set(known).size === known.length;
  return isWhole && known.includes("username") ? known : null;
}

function lineOf(
  line: number,
  row: readonly string[],
  columns: readonly RosterColumn[],
  isBroken: boolean,
): RosterLine {
  const cells: Record<RosterColumn, string> = {
    ...{ username: "", email: "", class: "", credits: "", vmQuota: "", expiresAt: "" },
  };
  for (const [index, column] of columns.entries()) cells[column] = (row[index] ?? "").trim();
  const hasMore = row.slice(columns.length).some((cell) => cell.trim() !== "");
  const problem = isBroken
    ? "Its quotation marks do not match"
    : hasMore
      ? `It has more cells than the ${columns.length} of the header`
      : null;
  return { line, cells, problem };
}

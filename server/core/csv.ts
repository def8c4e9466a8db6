/** Tables as CSV that a spreadsheet opens without running any of it. */
import Papa from "papaparse";

/** Rows of one export; more would hold the server up. */
export const EXPORT_ROWS = 50_000;

export type CsvValue = string | number | null;

/** Lines of a table; text that a spreadsheet would take for a formula begins with a quote. */
export function csvLines(rows: readonly (readonly CsvValue[])[]): string {
  return rows.length === 0
    ? ""
    : `${Papa.unparse(
        rows.map((row) => [...row]),
        { escapeFormulae: true },
      )}\r\n`;
}

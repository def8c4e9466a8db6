/** Tables as CSV that a spreadsheet opens without running any of it. */
import Papa from "papaparse";

/** Rows of one export; more would hold the server up. */
export const EXPORT_ROWS = 50_000;

export type CsvValue = string | number | null;

/** With a header line; text that a spreadsheet would take for a formula begins with a quote. */
export function toCsv(header: readonly string[], rows: readonly (readonly CsvValue[])[]): string {
  return `${Papa.unparse({ fields: [...header], data: rows.map((row) => [...row]) }, { escapeFormulae: true })}\r\n`;
}

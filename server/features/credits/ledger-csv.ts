/** Pure: ledger entries as CSV that no spreadsheet takes for formulas. */
import Papa from "papaparse";
import { type LedgerEntry, MILLI } from "#protocol";

/** The library's own pattern does not see a formula with a line break in it. */
const formula = /^[=+\-@\t\r\n]/;

const columns = ["id", "time", "kind", "credits", "balance", "vm id", "vm", "reason", "by"];

export function ledgerCsv(entries: readonly LedgerEntry[]): string {
  const rows = entries.map((entry) => [
    entry.id,
    new Date(entry.atMs).toISOString(),
    entry.kind,
    // Numbers stay numbers: a negative one is no formula.
    entry.amount / MILLI,
    entry.balanceAfter / MILLI,
    entry.vmId ?? "",
    entry.vmName ?? "",
    entry.reason,
    entry.actorName ?? "",
  ]);
  return `${Papa.unparse({ fields: columns, data: rows }, { escapeFormulae: formula, newline: "\r\n" })}\r\n`;
}

/** `credits.export`: the ledger as CSV for spreadsheets. */
import { defineCommand } from "../../../core/command.ts";
import type { CreditCommandDeps } from "../deps.ts";
import { ledgerCsv } from "../ledger-csv.ts";
import { whoseAccount } from "../whose.ts";

const MAX_ROWS = 50_000;

export const exportLedger = defineCommand("credits.export", (input, { session }, deps: CreditCommandDeps) => {
  const userId = whoseAccount(session, input.userId);
  const entries = deps.ledger.page({ ...input, userId }, null, MAX_ROWS);
  return {
    fileName: `twarga-credits-${userId}.csv`,
    mediaType: "text/csv; charset=utf-8",
    text: ledgerCsv(entries),
  };
});

/** Ledger entries as rows for the eye: the minutes a VM was charged for on one day are one row; pure. */
import type { LedgerEntry } from "#protocol";

export interface LedgerRow {
  readonly key: string;
  /** The newest of them. */
  readonly entry: LedgerEntry;
  readonly amount: number;
  readonly count: number;
  readonly fromMs: number;
}

const dayOf = (atMs: number) => new Date(atMs).toDateString();

/** `entries` are newest first. A stretch of charges ends where something else happened, so the order stays true. */
export function ledgerRows(entries: readonly LedgerEntry[], isGrouped: boolean): readonly LedgerRow[] {
  const rows: LedgerRow[] = [];
  let open = new Map<string, number>();
  for (const entry of entries) {
    const row = { key: `${entry.id}`, entry, amount: entry.amount, count: 1, fromMs: entry.atMs };
    if (entry.kind !== "charge") open = new Map();
    const group = `${entry.vmId} ${entry.reason} ${dayOf(entry.atMs)}`;
    const at = isGrouped && entry.kind === "charge" ? open.get(group) : undefined;
    const before = at === undefined ? undefined : rows[at];
    if (at === undefined || !before) {
      open.set(group, rows.push(row) - 1);
      continue;
    }
    rows[at] = {
      ...before,
      amount: before.amount + entry.amount,
      count: before.count + 1,
      fromMs: entry.atMs,
    };
  }
  return rows;
}

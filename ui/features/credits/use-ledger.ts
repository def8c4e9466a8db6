/** `useLedger()`: the ledger page by page for one filter; read again when the course of the balance changes. */
import { watch } from "vue";
import type { CommandRequest, LedgerEntry } from "#protocol";
import { type Pages, usePages } from "../../shared/composables/use-pages.ts";
import { useClient } from "../../shared/session/index.ts";

export type LedgerFilter = Pick<CommandRequest<"credits.ledger">, "kind" | "vmId">;

const PAGE = 200;

export function useLedger(filter: () => LedgerFilter, course: () => unknown): Pages<LedgerEntry> {
  const client = useClient();
  const pages = usePages(filter, async (wanted, cursor) => {
    const input = { ...wanted, limit: PAGE, ...(cursor !== null && { cursor }) };
    const { entries, nextCursor } = await client.request("credits.ledger", input);
    return { rows: entries, nextCursor, total: null };
  });
  // Who has read on keeps what is on the screen.
  watch(course, () => {
    if ((pages.rows.value?.length ?? 0) <= PAGE) void pages.reload();
  });
  return pages;
}

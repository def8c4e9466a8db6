/** `useLedger()`: the ledger page by page for one filter; begins anew when the filter or the course changes. */
import { computed, shallowRef, watch } from "vue";
import { RequestError } from "#client";
import type { CommandRequest, LedgerEntry } from "#protocol";
import { useClient } from "../../shared/session/index.ts";

export type LedgerFilter = Pick<CommandRequest<"credits.ledger">, "kind" | "vmId">;

const PAGE = 200;

export function useLedger(filter: () => LedgerFilter, course: () => unknown) {
  const client = useClient();
  const entries = shallowRef<readonly LedgerEntry[] | null>(null);
  const cursor = shallowRef<string | null>(null);
  const error = shallowRef("");
  const isLoading = shallowRef(false);
  /** Answers of an older filter come too late. */
  let asked = 0;

  async function load(after: string | null): Promise<void> {
    const mine = (asked += 1);
    isLoading.value = true;
    try {
      const input = { ...filter(), limit: PAGE, ...(after !== null && { cursor: after }) };
      const page = await client.request("credits.ledger", input);
      if (mine !== asked) return;
      entries.value = after === null ? page.entries : [...(entries.value ?? []), ...page.entries];
      cursor.value = page.nextCursor;
      error.value = "";
    } catch (thrown) {
      if (mine !== asked) return;
      error.value = thrown instanceof RequestError ? thrown.message : "Something went wrong on this page";
    } finally {
      if (mine === asked) isLoading.value = false;
    }
  }

  watch(filter, () => void load(null), { immediate: true });
  // Who has read on keeps what is on the screen.
  watch(course, () => {
    if ((entries.value?.length ?? 0) <= PAGE) void load(null);
  });

  return {
    entries,
    error,
    isLoading,
    hasMore: computed(() => cursor.value !== null),
    more: () => load(cursor.value),
    retry: () => load(null),
  };
}

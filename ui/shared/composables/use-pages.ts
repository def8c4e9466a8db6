/** `usePages()`: a list of the server page by page; begins anew when what is asked for changes. */
import type { ComputedRef, ShallowRef } from "vue";
import { computed, shallowRef, watch } from "vue";
import { messageOf } from "../format/message-of.ts";

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor: string | null;
  /** Of all pages; null when nobody counts them. */
  readonly total: number | null;
}

export interface Pages<Row> {
  /** Null until the first page is here. */
  readonly rows: ShallowRef<readonly Row[] | null>;
  readonly total: ShallowRef<number | null>;
  readonly isLoading: ShallowRef<boolean>;
  /** Why the server refused. */
  readonly refusal: ShallowRef<string>;
  readonly hasMore: ComputedRef<boolean>;
  more(): Promise<void>;
  /** Reads again as much as is shown. */
  reload(): Promise<void>;
}

/** `wanted` is what the server is asked for; `read` asks for one page of it. */
export function usePages<Wanted, Row>(
  wanted: () => Wanted,
  read: (wanted: Wanted, cursor: string | null) => Promise<Page<Row>>,
): Pages<Row> {
  const rows = shallowRef<readonly Row[] | null>(null);
  const total = shallowRef<number | null>(null);
  const cursor = shallowRef<string | null>(null);
  const isLoading = shallowRef(false);
  const refusal = shallowRef("");
  /** Answers to an older question come too late. */
  let asked = 0;

  async function load(pages: number, before: readonly Row[], from: string | null): Promise<void> {
    const mine = (asked += 1);
    isLoading.value = true;
    try {
      const found = [...before];
      let next = from;
      for (let n = 0; n < pages && (n === 0 || next !== null); n++) {
        const page = await read(wanted(), next);
        if (mine !== asked) return;
        found.push(...page.rows);
        next = page.nextCursor;
        total.value = page.total;
      }
      rows.value = found;
      cursor.value = next;
      refusal.value = "";
    } catch (error) {
      if (mine !== asked) return;
      refusal.value = messageOf(error);
    } finally {
      if (mine === asked) isLoading.value = false;
    }
  }

  let shownPages = 1;
  const begin = () => {
    shownPages = 1;
    return load(1, [], null);
  };
  watch(() => JSON.stringify(wanted()), begin, { immediate: true });

  return {
    rows,
    total,
    isLoading,
    refusal,
    hasMore: computed(() => cursor.value !== null),
    more() {
      if (cursor.value === null) return Promise.resolve();
      shownPages += 1;
      return load(1, rows.value ?? [], cursor.value);
    },
    reload: () => load(shownPages, [], null),
  };
}

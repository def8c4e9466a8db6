/** `useStatistics()`: the numbers of the whole cloud, read again every few seconds while somebody looks. */
import { useDocumentVisibility, useIntervalFn } from "@vueuse/core";
import { onMounted, shallowRef } from "vue";
import type { Statistics } from "#protocol";
import { useClient } from "../../../shared/session/index.ts";
import { messageOf } from "../../../shared/format/message-of.ts";

/** They are sums over everything: nobody sees them change faster. */
const EVERY_MS = 5_000;

export function useStatistics() {
  const client = useClient();
  const visibility = useDocumentVisibility();
  const statistics = shallowRef<Statistics | null>(null);
  const refusal = shallowRef("");

  async function read(): Promise<void> {
    try {
      statistics.value = (await client.request("admin.statistics", {})).statistics;
      refusal.value = "";
    } catch (error) {
      // What was read stays on the screen: the frame says when it is old.
      if (statistics.value === null) refusal.value = messageOf(error);
    }
  }

  onMounted(read);
  useIntervalFn(() => {
    if (visibility.value === "visible") void read();
  }, EVERY_MS);
  return { statistics, refusal, read };
}

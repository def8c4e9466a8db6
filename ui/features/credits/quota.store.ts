/** Your limits and what you use of them, live. */
import { defineStore } from "pinia";
import { shallowRef } from "vue";
import type { QuotaView } from "#protocol";

export const useQuotaStore = defineStore("quota", () => {
  const quota = shallowRef<QuotaView | null>(null);
  return {
    quota,
    apply: (next: QuotaView | null) => void (quota.value = next),
    forget: () => void (quota.value = null),
  };
});

/** Your balance as the server last told it, and the time it came. */
import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";
import type { CreditsView } from "#protocol";
import { useNowMs } from "../../shared/composables/use-now.ts";
import { balanceNow, type Known, lastsWords, leftMs, levelTone } from "./burn.ts";

export const useCreditsStore = defineStore("credits", () => {
  const known = shallowRef<Known | null>(null);
  const nowMs = useNowMs();
  /** The timer ticks once a second: what just came is not from the future. */
  const lookMs = computed(() => Math.max(nowMs.value, known.value?.atMs ?? 0));

  return {
    view: computed(() => known.value?.view ?? null),
    /** Milli-credits at this second. */
    balance: computed(() => (known.value ? balanceNow(known.value, lookMs.value) : null)),
    leftMs: computed(() => (known.value ? leftMs(known.value, lookMs.value) : null)),
    lasts: computed(() => (known.value ? lastsWords(known.value, lookMs.value) : "")),
    tone: computed(() => (known.value ? levelTone[known.value.view.level] : null)),
    apply: (view: CreditsView | null) => void (known.value = view && { view, atMs: Date.now() }),
    forget: () => void (known.value = null),
  };
});

/** `useNowMs()`: the time, once a second, by one timer for all who look. */
import { createSharedComposable, useIntervalFn } from "@vueuse/core";
import type { Ref } from "vue";
import { readonly, shallowRef } from "vue";

export const useNowMs: () => Readonly<Ref<number>> = createSharedComposable(() => {
  const now = shallowRef(Date.now());
  useIntervalFn(() => (now.value = Date.now()), 1_000);
  return readonly(now);
});

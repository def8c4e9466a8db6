/** `useQueryValue(key)`: one value of the address, so that what one looks at can be linked to; empty is left out. */
import type { Ref } from "vue";
import { customRef, watch } from "vue";
import { useRoute, useRouter } from "vue-router";

export function useQueryValue(key: string, fallback = ""): Ref<string> {
  const route = useRoute();
  const router = useRouter();
  const read = () => {
    const value = route.query[key];
    return typeof value === "string" ? value : fallback;
  };
  // The router takes a moment; whoever types must see each letter at once.
  let current = read();

  return customRef((track, trigger) => {
    watch(read, (value) => {
      current = value;
      trigger();
    });
    return {
      get() {
        track();
        return current;
      },
      set(value) {
        current = value;
        trigger();
        const { [key]: _before, ...rest } = router.currentRoute.value.query;
        // Replaced, not pushed: "back" leaves the page instead of undoing letter by letter.
        void router.replace({ query: value === fallback ? rest : { ...rest, [key]: value } });
      },
    };
  });
}

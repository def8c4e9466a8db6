/** `useRowKeys()`: one row of a table takes the focus; arrows move it, the space bar selects, Enter opens. */
import type { ComputedRef, ShallowRef } from "vue";
import { computed, nextTick, shallowRef } from "vue";
import { nextFocus } from "./table-plan.ts";

export interface RowKeysInput {
  readonly keys: () => readonly string[];
  readonly pageSize: () => number;
  readonly scrollTo: (index: number) => void;
  readonly elementOf: (key: string) => HTMLElement | null;
  readonly select: (key: string, isRange: boolean) => void;
  readonly open: (key: string) => void;
}

export interface RowKeys {
  /** The row that Tab comes to. */
  readonly current: ComputedRef<string | null>;
  readonly chosen: ShallowRef<string | null>;
  onKeydown(event: KeyboardEvent, key: string): void;
}

/** A row that was far away is drawn first. */
const FRAMES_TO_DRAW = 5;

export function useRowKeys(input: RowKeysInput): RowKeys {
  const chosen = shallowRef<string | null>(null);
  const current = computed(() => {
    const keys = input.keys();
    return chosen.value !== null && keys.includes(chosen.value) ? chosen.value : (keys[0] ?? null);
  });

  async function focusRow(index: number): Promise<void> {
    const key = input.keys()[index];
    if (key === undefined) return;
    chosen.value = key;
    input.scrollTo(index);
    await nextTick();
    for (let frame = 0; frame < FRAMES_TO_DRAW; frame += 1) {
      const element = input.elementOf(key);
      if (element) return element.focus({ preventScroll: true });
      await new Promise(requestAnimationFrame);
    }
  }

  return {
    current,
    chosen,
    onKeydown(event, key) {
      // Keys inside a row belong to the button or link that has the focus.
      if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
      const index = nextFocus(event.key, input.keys().indexOf(key), input.keys().length, input.pageSize());
      if (index !== null) void focusRow(index);
      else if (event.key === " ") input.select(key, event.shiftKey);
      else if (event.key === "Enter") input.open(key);
      else return;
      event.preventDefault();
    },
  };
}

/** `useHiddenColumns(name, columns)`: which columns are switched off, remembered in this browser. */
import type { Ref } from "vue";
import { shallowRef } from "vue";
import type { TableColumn } from "./table-plan.ts";
import { hiddenAtFirst, readHidden, toggled } from "./table-plan.ts";

export interface HiddenColumns {
  readonly hidden: Readonly<Ref<ReadonlySet<string>>>;
  toggle(key: string): void;
}

export function useHiddenColumns<Row>(name: string, columns: readonly TableColumn<Row>[]): HiddenColumns {
  const storageKey = `twarga-hidden-columns-${name}`;
  const hidden = shallowRef(hiddenAtFirst(columns));
  try {
    hidden.value = readHidden(localStorage.getItem(storageKey), columns);
  } catch {
    // Storage is switched off: the columns are as at first.
  }

  return {
    hidden,
    toggle(key) {
      hidden.value = toggled(hidden.value, key);
      try {
        localStorage.setItem(storageKey, [...hidden.value].join(","));
      } catch {
        // The choice lasts as long as the page.
      }
    },
  };
}

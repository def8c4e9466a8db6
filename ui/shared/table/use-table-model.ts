/** `useTableModel()`: rows in order and columns in use, by TanStack Table from state that others own. */
import {
  columnVisibilityFeature,
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from "@tanstack/vue-table";
import type { ComputedRef } from "vue";
import { computed } from "vue";
import type { TableColumn, TableSort } from "./table-plan.ts";
import { compareCells, matchesQuery } from "./table-plan.ts";

const features = tableFeatures({
  columnVisibilityFeature,
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
});

export interface TableInput<Row> {
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: () => readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly query: () => string;
  readonly sort: () => TableSort | null;
  readonly hidden: () => ReadonlySet<string>;
}

export interface ShownRow<Row> {
  readonly key: string;
  readonly row: Row;
}

export interface TableModel<Row> {
  readonly shownRows: ComputedRef<readonly ShownRow<Row>[]>;
  readonly shownColumns: ComputedRef<readonly TableColumn<Row>[]>;
}

export function useTableModel<Row extends object>(input: TableInput<Row>): TableModel<Row> {
  const helper = createColumnHelper<typeof features, Row>();
  const byKey = new Map(input.columns.map((column) => [column.key, column]));
  const found = computed(() =>
    input.rows().filter((row) =>
      matchesQuery(
        input.query(),
        input.columns.map(({ value }) => value(row)),
      ),
    ),
  );

  const table = useTable<typeof features, Row>({
    features,
    columns: helper.columns(
      input.columns.map((column) =>
        helper.accessor((row) => column.value(row) ?? undefined, {
          id: column.key,
          sortUndefined: "last",
          sortFn: (a, b, id) => compareCells(a.getValue(id), b.getValue(id)),
        }),
      ),
    ),
    data: found,
    getRowId: (row) => input.keyOf(row),
    state: computed(() => {
      const sort = input.sort();
      return {
        sorting: sort ? [{ id: sort.key, desc: sort.isDescending }] : [],
        columnVisibility: Object.fromEntries([...input.hidden()].map((key) => [key, false])),
      };
    }),
  });

  return {
    shownRows: computed(() => table.getRowModel().rows.map((row) => ({ key: row.id, row: row.original }))),
    shownColumns: computed(() =>
      table.getVisibleLeafColumns().flatMap((column) => byKey.get(column.id) ?? []),
    ),
  };
}

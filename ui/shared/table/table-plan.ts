/** The decisions of a table: order, filter, columns, selection and the way of the focus; all pure. */

export interface TableColumn<Row> {
  readonly key: string;
  readonly label: string;
  /** What is sorted, filtered and, without a slot, shown. Null is always last. */
  readonly value: (row: Row) => string | number | null;
  /** The least width; with `grow` it takes that share of what is left. */
  readonly minRem: number;
  readonly grow?: number;
  readonly align?: "start" | "end";
  readonly isUnsortable?: boolean;
  /** Cannot be switched off. */
  readonly isFixed?: boolean;
  /** Off until somebody switches it on. */
  readonly isHiddenAtFirst?: boolean;
}

export interface TableSort {
  readonly key: string;
  readonly isDescending: boolean;
}

type Keyed = Pick<TableColumn<never>, "key" | "isUnsortable" | "isFixed" | "isHiddenAtFirst">;

/** `name` or `-name`, as in an address typed by anybody; what is unknown is no order. */
export function sortOf(text: unknown, columns: readonly Keyed[]): TableSort | null {
  if (typeof text !== "string") return null;
  const isDescending = text.startsWith("-");
  const key = isDescending ? text.slice(1) : text;
  const column = columns.find((known) => known.key === key);
  return column && !column.isUnsortable ? { key, isDescending } : null;
}

export function sortText(sort: TableSort | null): string {
  return sort ? `${sort.isDescending ? "-" : ""}${sort.key}` : "";
}

/** Up, down, and back to the order the rows came in. */
export function nextSort(sort: TableSort | null, key: string): TableSort | null {
  if (sort?.key !== key) return { key, isDescending: false };
  return sort.isDescending ? null : { key, isDescending: true };
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Numbers by size, texts as people count: `web2` before `web10`. */
export function compareCells(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return collator.compare(String(a), String(b));
}

/** Every word of the query occurs somewhere in the row. */
export function matchesQuery(query: string, texts: readonly (string | number | null)[]): boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = texts.join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Where the focus goes; null when the key is not for moving. `pageSize` is how many rows one sees. */
export function nextFocus(key: string, at: number, count: number, pageSize: number): number | null {
  const clamp = (index: number) => Math.min(count - 1, Math.max(0, index));
  if (count === 0) return null;
  switch (key) {
    case "ArrowDown":
      return clamp(at + 1);
    case "ArrowUp":
      return clamp(at - 1);
    case "PageDown":
      return clamp(at + pageSize);
    case "PageUp":
      return clamp(at - pageSize);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

type Keys = ReadonlySet<string>;

export function toggled(selected: Keys, key: string): Keys {
  const next = new Set(selected);
  if (!next.delete(key)) next.add(key);
  return next;
}

/** Adds everything from `from` to `to` in the order shown. */
export function withRange(selected: Keys, shown: readonly string[], from: string, to: string): Keys {
  const ends = [shown.indexOf(from), shown.indexOf(to)].sort((a, b) => a - b);
  const [first = -1, last = -1] = ends;
  return first < 0 ? toggled(selected, to) : new Set([...selected, ...shown.slice(first, last + 1)]);
}

/** The box in the header: all of what is shown, some, or none. */
export function selectionState(selected: Keys, shown: readonly string[]): boolean | "indeterminate" {
  const count = shown.filter((key) => selected.has(key)).length;
  if (count === 0) return false;
  return count === shown.length ? true : "indeterminate";
}

/** Rows that are gone are not selected any more. */
export function keepKnown(selected: Keys, known: readonly string[]): Keys {
  const still = known.filter((key) => selected.has(key));
  return still.length === selected.size ? selected : new Set(still);
}

export function hiddenAtFirst(columns: readonly Keyed[]): Keys {
  return new Set(columns.filter(({ isHiddenAtFirst }) => isHiddenAtFirst).map(({ key }) => key));
}

/** What storage holds may be old or foreign: unknown and fixed columns are ignored. */
export function readHidden(text: string | null, columns: readonly Keyed[]): Keys {
  if (text === null) return hiddenAtFirst(columns);
  const named = new Set(text.split(","));
  return new Set(columns.filter(({ key, isFixed }) => !isFixed && named.has(key)).map(({ key }) => key));
}

type Wide = Pick<TableColumn<never>, "minRem" | "grow">;

/** Of the column of boxes, the gap between columns, and the padding of a row on both sides together. */
const BOX_REM = 2.25;
const GAP_REM = 0.75;
const PADDING_REM = 1.5;

export function gridTracks(columns: readonly Wide[], isSelectable: boolean): string {
  const tracks = columns.map(({ minRem, grow }) =>
    grow ? `minmax(${minRem}rem,${grow}fr)` : `${minRem}rem`,
  );
  return [...(isSelectable ? [`${BOX_REM}rem`] : []), ...tracks].join(" ");
}

/** Narrower than this the table is pushed sideways inside its frame. */
export function minTableRem(columns: readonly Wide[], isSelectable: boolean): number {
  const widths = [...(isSelectable ? [BOX_REM] : []), ...columns.map(({ minRem }) => minRem)];
  return widths.reduce((sum, width) => sum + width + GAP_REM, PADDING_REM - GAP_REM);
}

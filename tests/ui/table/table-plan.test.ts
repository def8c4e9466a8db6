/** A table decides order, filter, columns, selection and focus by pure rules. */
import { describe, expect, test } from "bun:test";
import {
  compareCells,
  gridTracks,
  hiddenAtFirst,
  keepKnown,
  matchesQuery,
  minTableRem,
  nextFocus,
  nextSort,
  readHidden,
  selectionState,
  sortOf,
  sortText,
  toggled,
  withRange,
} from "../../../ui/shared/table/table-plan.ts";

const columns = [
  { key: "name", isFixed: true },
  { key: "ram" },
  { key: "owner", isHiddenAtFirst: true },
  { key: "actions", isUnsortable: true },
];

describe("the order", () => {
  test("is read from the address and written back", () => {
    expect(sortOf("-ram", columns)).toEqual({ key: "ram", isDescending: true });
    expect(sortText(sortOf("-ram", columns))).toBe("-ram");
    expect(sortText(sortOf("name", columns))).toBe("name");
    expect(sortText(null)).toBe("");
  });

  test.each(["nonsense", "--ram", "actions", "", null, 7])("is none for %p", (text) => {
    expect(sortOf(text, columns)).toBeNull();
  });

  test("goes up, down, and back to none", () => {
    const up = nextSort(null, "ram");
    const down = nextSort(up, "ram");
    expect([up, down, nextSort(down, "ram")]).toEqual([
      { key: "ram", isDescending: false },
      { key: "ram", isDescending: true },
      null,
    ]);
    expect(nextSort(down, "name")).toEqual({ key: "name", isDescending: false });
  });

  test("counts as people do", () => {
    expect(["web10", "Web2", "web1"].toSorted(compareCells)).toEqual(["web1", "Web2", "web10"]);
    expect([10, 9, 100].toSorted(compareCells)).toEqual([9, 10, 100]);
  });
});

describe("the filter", () => {
  test.each([
    ["", true],
    ["web run", true],
    ["RUNNING", true],
    ["512", true],
    ["web stopped", false],
  ])("%p fits: %p", (query, fits) => {
    expect(matchesQuery(query, ["web01", "Running", 512, null])).toBe(fits);
  });
});

describe("the focus", () => {
  test.each([
    ["ArrowDown", 0, 1],
    ["ArrowDown", 9, 9],
    ["ArrowUp", 0, 0],
    ["PageDown", 2, 7],
    ["PageUp", 2, 0],
    ["Home", 7, 0],
    ["End", 2, 9],
    ["x", 2, null],
  ])("%s on row %d of ten goes to %p", (key, at, to) => {
    expect(nextFocus(key, at, 10, 5)).toBe(to);
  });

  test("goes nowhere in an empty table", () => {
    expect(nextFocus("End", -1, 0, 5)).toBeNull();
  });
});

describe("the selection", () => {
  const shown = ["a", "b", "c", "d"];

  test("is switched row by row", () => {
    expect([...toggled(new Set(["a"]), "b")]).toEqual(["a", "b"]);
    expect([...toggled(new Set(["a", "b"]), "a")]).toEqual(["b"]);
  });

  test("takes a range in either direction and keeps what was", () => {
    expect([...withRange(new Set(["a"]), shown, "d", "b")].toSorted()).toEqual(["a", "b", "c", "d"]);
  });

  test("takes one row when the start of the range is hidden", () => {
    expect([...withRange(new Set(), shown, "z", "b")]).toEqual(["b"]);
  });

  test("says all, some, none", () => {
    expect(selectionState(new Set(), shown)).toBe(false);
    expect(selectionState(new Set(["b"]), shown)).toBe("indeterminate");
    expect(selectionState(new Set(shown), shown)).toBe(true);
    expect(selectionState(new Set(["gone"]), [])).toBe(false);
  });

  test("loses rows that are gone, and stays the same object when none is", () => {
    const selected = new Set(["a", "gone"]);
    expect([...keepKnown(selected, shown)]).toEqual(["a"]);
    const known = new Set(["a"]);
    expect(keepKnown(known, shown)).toBe(known);
  });
});

describe("the columns", () => {
  test("begin as declared", () => {
    expect([...hiddenAtFirst(columns)]).toEqual(["owner"]);
    expect([...readHidden(null, columns)]).toEqual(["owner"]);
  });

  test("are as stored, without those that must stay and those nobody knows", () => {
    expect([...readHidden("ram,name,gone", columns)]).toEqual(["ram"]);
    expect([...readHidden("", columns)]).toEqual([]);
  });

  test("leave room for the boxes", () => {
    const wide = [{ minRem: 8, grow: 2 }, { minRem: 4 }];
    expect(gridTracks(wide, true)).toBe("2.25rem minmax(8rem,2fr) 4rem");
    expect(gridTracks(wide, false)).toBe("minmax(8rem,2fr) 4rem");
    expect(minTableRem(wide, false)).toBe(8 + 4 + 0.75 + 1.5);
    expect(minTableRem(wide, true)).toBe(2.25 + 8 + 4 + 2 * 0.75 + 1.5);
  });
});

/** The table of all VMs: filters as the server takes them, and rows kept up to date by what is heard. */
import { describe, expect, test } from "bun:test";
import { commands } from "#protocol";
import { allVmColumns, wantedVms, withHeard } from "../../../ui/features/admin/vms/vm-columns.ts";
import { vm } from "../vms/vm-views.ts";

const nothing = {
  search: "",
  className: "all",
  state: "all",
  image: "all",
  tag: "",
  owner: "",
  sort: null,
};

describe("the filters", () => {
  test("ask for everything at first", () => {
    expect(wantedVms(nothing)).toEqual({});
  });

  test("are said as the server takes them", () => {
    const asked = wantedVms({
      search: " web ",
      className: "10A",
      state: "running",
      image: "debian-12",
      tag: "class-b",
      owner: "7",
      sort: { key: "owner", isDescending: false },
    });
    expect(asked).toMatchObject({
      search: "web",
      state: "running",
      tag: "class-b",
      ownerId: 7,
      order: "asc",
    });
    expect(commands["admin.vm.list"].input.safeParse(asked).success).toBe(true);
  });

  test.each([
    { state: "flying" },
    { image: "No Image" },
    { tag: "two words" },
    { owner: "me" },
    { owner: "0" },
    { sort: { key: "image", isDescending: true } },
  ])("leave out what an address made up: %p", (over) => {
    expect(wantedVms({ ...nothing, ...over })).toEqual({});
  });

  test("can sort by every column that offers it", () => {
    for (const { key, isUnsortable } of allVmColumns) {
      const asked = wantedVms({ ...nothing, sort: { key, isDescending: true } });
      expect("sort" in asked).toBe(isUnsortable !== true);
    }
  });
});

describe("what is heard", () => {
  const rows = [vm(1), vm(2), vm(3)];

  test("replaces the row, and takes away one that is gone", () => {
    const heard = new Map([
      [2, vm(2, { state: "running" })],
      [3, null],
    ]);
    expect(withHeard(rows, heard).map(({ id, state }) => [Number(id), state])).toEqual([
      [1, vm(1).state],
      [2, "running"],
    ]);
  });

  test("of other pages adds nothing", () => {
    expect(withHeard(rows, new Map([[9, vm(9)]]))).toHaveLength(3);
    expect(withHeard(rows, new Map())).toBe(rows);
  });
});

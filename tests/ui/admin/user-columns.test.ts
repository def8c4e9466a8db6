/** The table of users: one word for an account, and the filters as the server takes them. */
import { describe, expect, test } from "bun:test";
import { commands } from "#protocol";
import { statusOf, userColumns, wantedUsers } from "../../../ui/features/admin/users/user-columns.ts";

const nothing = { search: "", role: "all", active: "all", className: "all", sort: null };

describe("the status of an account", () => {
  test.each([
    [{ active: false, role: "admin", mustChangePassword: true }, "Inactive"],
    [{ active: true, role: "admin", mustChangePassword: true }, "Administrator"],
    [{ active: true, role: "user", mustChangePassword: true }, "Invited"],
    [{ active: true, role: "user", mustChangePassword: false }, "Active"],
  ] as const)("%p is %s", (account, label) => {
    expect(statusOf(account).label).toBe(label);
  });
});

describe("the filters", () => {
  test("ask for everything at first", () => {
    expect(wantedUsers(nothing)).toEqual({});
  });

  test("are said as the server takes them", () => {
    const asked = wantedUsers({
      search: " mia ",
      role: "user",
      active: "no",
      className: "10A",
      sort: { key: "balance", isDescending: true },
    });
    expect(asked).toEqual({
      search: "mia",
      role: "user",
      active: false,
      className: "10A",
      sort: "balance",
      order: "desc",
    });
    expect(commands["admin.user.list"].input.safeParse(asked).success).toBe(true);
  });

  test("leave out what an address made up", () => {
    const sort = { key: "email", isDescending: false };
    expect(wantedUsers({ ...nothing, role: "king", sort })).toEqual({});
  });

  test("can sort by every column that offers it", () => {
    for (const { key, isUnsortable } of userColumns) {
      const asked = wantedUsers({ ...nothing, sort: { key, isDescending: false } });
      expect("sort" in asked).toBe(isUnsortable !== true);
    }
  });
});

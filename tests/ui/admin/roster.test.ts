/** A roster says what it would do and did, and its passwords go safely into a spreadsheet. */
import { describe, expect, test } from "bun:test";
import type { RosterRow } from "#protocol";
import {
  hasWork,
  newPasswords,
  outcomeLook,
  passwordsCsv,
  rosterSummary,
} from "../../../ui/features/admin/classes/roster.ts";

const row = (username: string, over: Partial<RosterRow> = {}): RosterRow => ({
  line: 2,
  username,
  outcome: "created",
  message: null,
  password: null,
  ...over,
});

describe("the report", () => {
  test("counts what there is, and leaves out what there is not", () => {
    const rows = [row("a"), row("b"), row("c", { outcome: "refused" }), row("d", { outcome: "updated" })];
    expect(rosterSummary(rows)).toBe("2 new, 1 changed, 1 refused");
    expect(rosterSummary([])).toBe("No rows");
  });

  test("speaks of the future in a dry run and of the past afterwards", () => {
    expect(outcomeLook("created", true).label).toBe("New");
    expect(outcomeLook("created", false).label).toBe("Created");
    expect(outcomeLook("refused", true)).toEqual(outcomeLook("refused", false));
  });

  test.each([
    ["created", true],
    ["updated", true],
    ["unchanged", false],
    ["refused", false],
  ] as const)("a row that is %s is work: %p", (outcome, isWork) => {
    expect(hasWork([row("a", { outcome })])).toBe(isWork);
  });
});

describe("the passwords", () => {
  test("are those of new accounts alone", () => {
    const rows = [row("mia", { password: "abcd" }), row("ben", { outcome: "updated" })];
    expect(newPasswords(rows)).toEqual([{ username: "mia", password: "abcd" }]);
    expect(passwordsCsv(rows)).toBe("username,password\r\nmia,abcd\r\n");
  });

  test.each([
    ["a,b", '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ["=1+1", "'=1+1"],
    ["@cmd", "'@cmd"],
  ])("%p is written as %p, which no spreadsheet runs", (password, written) => {
    expect(passwordsCsv([row("mia", { password })])).toBe(`username,password\r\nmia,${written}\r\n`);
  });
});

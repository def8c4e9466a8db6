/** What the CLI prints: numbers, tables, failures. */
import { describe, expect, test } from "bun:test";
import { RequestError } from "#client";
import { CliError, failureLine, toFailure, unreachable, usageError } from "../../server/cli/exit.ts";
import { formatBytes, formatDuration, printable } from "../../server/cli/format.ts";
import { renderTable } from "../../server/cli/table.ts";

describe("numbers", () => {
  test("carry the unit that keeps them short", () => {
    expect([0, 1, 1023, 1024, 1536, 150 * 1024, 5 * 1024 ** 3].map(formatBytes)).toEqual([
      "0 B",
      "1 B",
      "1023 B",
      "1.0 KiB",
      "1.5 KiB",
      "150 KiB",
      "5.0 GiB",
    ]);
    expect([0, 59_000, 61_000, 3_600_000, 90_061_000].map(formatDuration)).toEqual([
      "0s",
      "59s",
      "1m 1s",
      "1h 0m",
      "1d 1h",
    ]);
  });
});

describe("tables", () => {
  test("align their columns and leave no blanks at the end", () => {
    expect(
      renderTable(
        ["ID", "NAME", "STATE"],
        [
          ["1", "web01", "running"],
          ["12", "b2", ""],
        ],
      ),
    ).toBe("ID  NAME   STATE\n1   web01  running\n12  b2");
  });
});

describe("text from elsewhere", () => {
  test("cannot drive the terminal it is shown in", () => {
    expect(printable("a\u001b]52;c;x\u0007b\u009b2J\n")).toBe("a ]52;c;x b 2J ");
  });
});

describe("failures", () => {
  test("have an exit code a script can rely on", () => {
    const codes = [
      new RequestError("conflict", "no"),
      new RequestError("unavailable", "no"),
      new CliError("not_found", "no"),
      usageError("no"),
      unreachable("http://x"),
      new Error("bug"),
    ].map((error) => toFailure(error)?.exitCode);
    expect(codes).toEqual([1, 3, 1, 2, 3, 1]);
  });

  test("are one line with the code, or one JSON document", () => {
    const failure = toFailure(new RequestError("invalid_input", "two\n lines", { field: "name" }));
    if (!failure) throw new Error("Expected a failure");
    expect(failureLine(failure, false)).toBe("twarga: invalid_input: two lines");
    expect(JSON.parse(failureLine(failure, true))).toEqual({
      error: { code: "invalid_input", message: "two\n lines", field: "name" },
    });
  });
});

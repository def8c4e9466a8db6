/** Logs that a real sshd and a real dropbear wrote while ssh, sshpass and hydra knocked, line by line. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseLines } from "./parse-lines.ts";

const folder = join(import.meta.dir, "fixtures");
const names = readdirSync(folder).filter((name) => name.endsWith(".log"));
const linesOf = (name: string) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n");

describe("a real log", () => {
  for (const name of names)
    test(`is read right: ${name}`, () => {
      const rows = parseLines(linesOf(name), 2026, true).map(
        ({ kind, attempts, user, source, port, method }) =>
          [kind, attempts, user ?? "-", source ?? "-", port ?? "-", method ?? "-"].join("\t"),
      );
      expect(rows).toEqual(linesOf(name.replace(".log", ".expected.tsv")));
    });

  test("never names the source that a user name pretends", () => {
    for (const name of names)
      for (const { source } of parseLines(linesOf(name))) expect(source).not.toBe("1.2.3.4");
  });
});

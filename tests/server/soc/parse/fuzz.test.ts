/** Hostile input: never a throw, always one record a line, in linear time, and no source but the server's own. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { sshKinds } from "../../../../server/features/soc/parse/index.ts";
import { parseLine, parseLines } from "./parse-lines.ts";

const pieces = fc.constantFrom(
  "Dec 10 06:55:46 ",
  "host ",
  "sshd[1]: ",
  "<34>",
  "1 ",
  "2024-02-29T06:55:46Z ",
  "Failed ",
  "password ",
  " for ",
  "invalid user ",
  " from ",
  "1.2.3.4",
  " port ",
  "22",
  " ssh2",
  ": ",
  "[preauth]",
  " [preauth]",
  "Connection closed by ",
  "message repeated ",
  "3 times: [ ",
  "]",
  "PAM ",
  "PAM: ",
  "pam_unix(sshd:auth): ",
  "authentication failure;",
  " rhost=",
  " user=",
  "Invalid user ",
  "User ",
  " not allowed because ",
  "dropbear[1]: ",
  "Exit before auth ",
  "'",
  "\0",
  "\r",
  "\uFEFF",
  "::",
  "last message repeated ",
  "-CERT ",
  "Disconnecting ",
  "[",
  "(",
  "\uFFFD",
  "99999999999",
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.array(fc.oneof(pieces, fc.string({ maxLength: 8 })), { maxLength: 24 }).map((parts) => parts.join("")),
);

describe("any text", () => {
  test("gives one record a line and never throws", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), (lines) => {
        const records = parseLines(lines);
        expect(records).toHaveLength(lines.length);
        for (const { kind, attempts, port } of records) {
          expect(sshKinds).toContain(kind);
          expect(attempts > 0).toBe(kind === "failure" || kind === "success");
          expect(port === null || (port >= 0 && port <= 65_535)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  test("as a user name changes neither the kind nor the source", () => {
    fc.assert(
      fc.property(text, (name) => {
        const user = name.replaceAll(/[\r\n\0]/g, "");
        const record = parseLine(
          `Dec 10 06:55:46 host sshd[1]: Failed password for invalid user ${user} from 203.0.113.7 port 5 ssh2`,
        );
        expect(record).toMatchObject({ kind: "failure", user, source: "203.0.113.7", port: 5 });
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  test("of a megabyte costs no more than its length", () => {
    const head = "Dec 10 06:55:46 host sshd[1]: ";
    const seeds = [
      " from ",
      " from 1.2.3.4",
      "a",
      "Failed ",
      "[",
      "message repeated 3 times: [ ",
      ": ",
      " port ",
      "'",
    ];
    const starts = ["", "Failed password for ", "Invalid user ", "User ", "Disconnecting ", "pam_unix("];
    const before = process.cpuUsage();
    for (const seed of seeds)
      for (const start of starts) {
        const repeated = seed.repeat(Math.ceil(1_000_000 / seed.length));
        expect(sshKinds).toContain(parseLine(head + start + repeated).kind);
        expect(sshKinds).toContain(parseLine(start + repeated).kind);
      }
    // Of this process, which a busy machine does not change.
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(5_000);
  }, 60_000);
});

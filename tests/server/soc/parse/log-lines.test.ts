/** Headers and dates of many systems, and lines that are none. */
import { describe, expect, test } from "bun:test";
import { parseLine, parseLines } from "./parse-lines.ts";

const MESSAGE = "Failed password for root from 203.0.113.7 port 4444 ssh2";
const at = (iso: string) => new Date(iso).getTime();

const headers: readonly (readonly [header: string, iso: string | null])[] = [
  ["Dec 10 06:55:46 LabSZ sshd[24200]: ", "2015-12-10T06:55:46Z"],
  ["Dec  1 06:55:46 LabSZ sshd[24200]: ", "2015-12-01T06:55:46Z"],
  ["Dec 1 06:55:46 LabSZ sshd[24200]: ", "2015-12-01T06:55:46Z"],
  ["Dec 10 06:55:46.123456 host sshd[1]: ", "2015-12-10T06:55:46.123Z"],
  ["Dec 10 2019 06:55:46 host sshd[1]: ", "2019-12-10T06:55:46Z"],
  ["Thu Dec 10 06:55:46 2020 authpriv.info sshd[1]: ", "2020-12-10T06:55:46Z"],
  ["<38>Dec 10 06:55:46 host sshd[1]: ", "2015-12-10T06:55:46Z"],
  ["<38>1 2024-02-29T06:55:46.5+01:00 host sshd 1 - - ", "2024-02-29T05:55:46.5Z"],
  ['<38>1 2024-02-29T06:55:46Z host sshd 1 - [a b="c\\]"][x@1 t="[y]"] ', "2024-02-29T06:55:46Z"],
  ["<38>1 - host sshd - - - ", null],
  ["2024-02-29T06:55:46.123456-05:00 host sshd[1]: ", "2024-02-29T11:55:46.123Z"],
  ["2024-02-29T06:55:46+0530 host sshd-session[1]: ", "2024-02-29T01:25:46Z"],
  ["2024-02-29T06:55:46Z host sshd-auth[1]: ", "2024-02-29T06:55:46Z"],
  ["2024-02-29 06:55:46 host sshd[1]: ", "2024-02-29T06:55:46Z"],
  ["Thu 2024-02-29 06:55:46 UTC host sshd[1]: ", "2024-02-29T06:55:46Z"],
  ["1449730546.123456 host sshd[1]: ", "2015-12-10T06:55:46.123Z"],
  ["Dec 10 06:55:46 sshd[8148]: ", "2015-12-10T06:55:46Z"],
  ["Dec 10 06:55:46 10.0.0.1 sshd: ", "2015-12-10T06:55:46Z"],
  ["Dec 10 06:55:46 2001:db8::1 /usr/sbin/sshd[1]: ", "2015-12-10T06:55:46Z"],
  ["Dec 10 06:55:46 host [sshd]: ", "2015-12-10T06:55:46Z"],
  ["Dec 10 06:55:46 [sshd] ", "2015-12-10T06:55:46Z"],
  ["Dec 10 06:55:46 dusky sshd[1]: [ID 800047 auth.info] ", "2015-12-10T06:55:46Z"],
  ["Dec 10 06:55:46 Message forwarded from aix1: sshd[1]: ", "2015-12-10T06:55:46Z"],
  ["Dec 10 06:55:46 aix1 auth|security:info sshd[1]: ", "2015-12-10T06:55:46Z"],
  ["\uFEFFDec 10 06:55:46 host sshd[1]: ", "2015-12-10T06:55:46Z"],
  ["", null],
];

describe("a line", () => {
  for (const [header, iso] of headers)
    test(`is read behind: ${header}`, () => {
      for (const end of ["", "\r", "\0\r"])
        expect(parseLine(header + MESSAGE + end)).toMatchObject({
          kind: "failure",
          user: "root",
          source: "203.0.113.7",
          port: 4444,
          timeMs: iso === null ? null : at(iso),
        });
    });

  test("of another program is other, whatever it quotes", () => {
    for (const tag of [
      "CRON[1]:",
      "sudo:",
      "su(pam_unix)[1]:",
      "systemd-logind[1]:",
      "ftpd[1]:",
      "sshguard[1]:",
    ])
      expect(parseLine(`Dec 10 06:55:46 host ${tag} ${MESSAGE}`).kind).toBe("other");
  });

  test("that is no log line is unparsed", () => {
    for (const text of ["", " ", "hello world", "\0\0\0", "{}", "2015", "Dec 10", "x".repeat(1_000)])
      expect(parseLine(text).kind).toBe("unparsed");
  });
});

describe("a date without a year", () => {
  const times = (dates: readonly string[], year: number) =>
    parseLines(
      dates.map((date) => `${date} host sshd[1]: ${MESSAGE}`),
      year,
    ).map(({ timeMs }) => new Date(timeMs ?? 0).toISOString().slice(0, 10));

  test("goes on in the next year at New Year", () => {
    expect(times(["Nov 30 00:00:00", "Dec 31 23:59:59", "Jan  1 00:00:00", "Dec  1 00:00:00"], 2015)).toEqual(
      ["2015-11-30", "2015-12-31", "2016-01-01", "2015-12-01"],
    );
  });

  test("keeps its year when lines are a little out of order", () => {
    expect(times(["Feb  1 00:00:00", "Jan 31 23:59:59", "Dec 31 10:00:00"], 2015)).toEqual([
      "2015-02-01",
      "2015-01-31",
      "2014-12-31",
    ]);
  });

  test("is the last such day when no year is given", () => {
    const line = (date: string) => parseLine(`${date} host sshd[1]: ${MESSAGE}`, undefined);
    expect(line("Dec 10 06:55:46").timeMs).toBe(at("2015-12-10T06:55:46Z"));
  });
});

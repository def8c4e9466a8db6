/** A failed login counts once, however many lines tell of it. */
import { describe, expect, test } from "bun:test";
import { AttemptCounter, SshLineParser } from "../../../../server/features/soc/parse/index.ts";
import { parseLines } from "./parse-lines.ts";

const A = "203.0.113.7";
const line = (second: number, pid: number, message: string) =>
  `Dec 10 06:${String(Math.floor(second / 60)).padStart(2, "0")}:${String(second % 60).padStart(2, "0")} lab sshd[${pid}]: ${message}`;
const pam = (user = "") =>
  `pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=${A} ${user}`;
const kinds = (lines: readonly string[]) =>
  parseLines(lines).map(({ kind, attempts }) => (attempts > 0 ? `${kind} ${attempts}` : kind));

describe("an attempt", () => {
  test("that five lines tell of is one failure", () => {
    expect(
      kinds([
        line(1, 7, `Invalid user webmaster from ${A}`),
        line(1, 7, "input_userauth_request: invalid user webmaster [preauth]"),
        line(1, 7, "pam_unix(sshd:auth): check pass; user unknown"),
        line(1, 7, pam()),
        line(3, 7, `Failed password for invalid user webmaster from ${A} port 38926 ssh2`),
        line(3, 7, `Connection closed by ${A} [preauth]`),
      ]),
    ).toEqual(["other", "other", "other", "other", "failure 1", "probe"]);
  });

  test("is counted by the result, with its repetitions, and not again by PAM's sum", () => {
    expect(
      kinds([
        line(1, 7, pam(" user=root")),
        line(2, 7, `Failed password for root from ${A} port 42393 ssh2`),
        line(9, 7, `message repeated 5 times: [ Failed password for root from ${A} port 42393 ssh2]`),
        line(9, 7, "Disconnecting: Too many authentication failures for root [preauth]"),
        line(
          9,
          7,
          `PAM 5 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=${A}  user=root`,
        ),
      ]),
    ).toEqual(["other", "failure 1", "failure 5", "probe", "other"]);
  });

  test("of which only PAM writes is counted by PAM's lines", () => {
    const records = parseLines([
      "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: check pass; user unknown",
      `Jun 14 15:16:01 combo sshd(pam_unix)[19939]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=${A} `,
      `Jun 14 15:16:02 combo sshd(pam_unix)[19940]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=host.example.org  user=root`,
      "Jun 14 15:16:09 combo sshd[19940]: PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=host.example.org  user=root",
    ]);
    expect(records.map(({ kind, attempts, user, source }) => [kind, attempts, user, source])).toEqual([
      ["other", 0, null, null],
      ["failure", 1, null, A],
      ["failure", 1, "root", "host.example.org"],
      ["failure", 2, "root", "host.example.org"],
    ]);
  });

  test("against a server that takes only keys is counted by the unknown name", () => {
    expect(
      kinds([
        line(1, 7, `Invalid user admin from ${A}`),
        line(1, 7, "input_userauth_request: invalid user admin [preauth]"),
        line(1, 7, `Received disconnect from ${A}: 11: Bye Bye [preauth]`),
        line(2, 8, `User root from ${A} not allowed because not listed in AllowUsers`),
        line(2, 8, `Connection closed by ${A} [preauth]`),
      ]),
    ).toEqual(["failure 1", "other", "probe", "failure 1", "probe"]);
  });

  test("is not made of a name alone where results of passwords are logged", () => {
    const lines = [
      line(1, 6, `Invalid user x from ${A}`),
      line(1, 6, `Connection closed by ${A} [preauth]`),
      line(2, 7, `Failed password for root from ${A} port 1 ssh2`),
      line(3, 8, `Invalid user x from ${A}`),
      line(3, 8, `Connection closed by ${A} [preauth]`),
    ];
    expect(parseLines(lines, 2015, true).map(({ kind }) => kind)).toEqual([
      "probe",
      "probe",
      "failure",
      "probe",
      "probe",
    ]);
  });

  test("that PAM asks about in another process is one failure", () => {
    expect(
      kinds([
        line(1, 8, pam(" user=root")),
        line(3, 7, `error: PAM: Authentication failure for root from ${A}`),
        line(5, 7, `error: PAM: Authentication failure for root from ${A}`),
        line(7, 7, `error: PAM: Authentication failure for root from ${A}`),
        line(7, 7, `Failed keyboard-interactive/pam for root from ${A} port 5 ssh2`),
      ]),
    ).toEqual(["other", "failure 1", "failure 1", "other", "failure 1"]);
  });

  test("that one module refuses and another accepts is a success only", () => {
    expect(
      kinds([
        line(1, 7, pam(" user=al")),
        line(
          1,
          7,
          `pam_sss(sshd:auth): authentication success; logname= uid=0 euid=0 tty=ssh ruser= rhost=${A} user=al`,
        ),
        line(1, 7, `Accepted password for al from ${A} port 5 ssh2`),
      ]),
    ).toEqual(["other", "other", "success 1"]);
  });

  test("repeated as a last message counts again", () => {
    expect(
      kinds([
        line(1, 7, `Failed password for root from ${A} port 5 ssh2`),
        "Dec 10 06:00:05 lab last message repeated 3 times",
      ]),
    ).toEqual(["failure 1", "failure 3"]);
  });

  test("gets the address that an earlier line of its connection names", () => {
    const [, failure] = parseLines([
      `Dec 10 06:55:46 router dropbear[5]: Child connection from ${A}:5`,
      "Dec 10 06:55:46 router dropbear[5]: Login attempt for nonexistent user",
    ]);
    expect(failure).toMatchObject({ kind: "failure", source: A, port: 5 });
  });
});

describe("the counter", () => {
  test("gives records at once when asked to, and undecided ones when the time for a login is over", () => {
    const seen: string[] = [];
    const parser = new SshLineParser({ year: 2015, now: 0 });
    const counter = new AttemptCounter({
      order: "at-once",
      onRecord: ({ kind, pid }) => void seen.push(`${pid} ${kind}`),
    });
    counter.push(parser.parse(line(1, 7, `Invalid user x from ${A}`)));
    counter.push(parser.parse(line(2, 8, `Failed publickey for root from ${A} port 1 ssh2`)));
    expect(seen).toEqual(["8 failure"]);
    counter.push(parser.parse(line(130, 9, "Server listening on :: port 22.")));
    expect(seen).toEqual(["8 failure", "7 failure", "9 other"]);
    counter.push(parser.parse(line(131, 10, `Invalid user y from ${A}`)));
    counter.flush();
    expect(seen).toHaveLength(4);
  });

  test("gives each record exactly once in the order of the lines, in bounded time, when no connection ever ends", () => {
    const lines = Array.from({ length: 60_000 }, (_, n) => line(1, n, `Invalid user u${n} from ${A}`));
    lines.push(...Array.from({ length: 60_000 }, (_, n) => line(1, n, pam())));
    const before = process.cpuUsage();
    const records = parseLines(lines);
    // Of this process, which a busy machine does not change.
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(5_000);
    expect(records.map(({ pid }) => Number(pid))).toEqual(lines.map((_, n) => n % 60_000));
  }, 30_000);
});

/** `twarga soc parse` as a script uses it. */
import { afterEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LineSplitter } from "../../server/cli/soc/parse-file.ts";
import { CliUser } from "../helpers/run-cli.ts";

/** Each command is a process of its own, on a machine that may be busy. */
const CLI_MS = 60_000;

const ending: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ending.splice(0)) end();
});

function newUser(): CliUser {
  const user = new CliUser("http://127.0.0.1:9");
  ending.push(() => user.dispose());
  return user;
}

const LOG = [
  "Dec 31 23:59:59 lab sshd[1]: Failed password for root from 203.0.113.7 port 4444 ssh2",
  "Jan  1 00:00:01 lab CRON[2]: pam_unix(cron:session): session opened for user root by (uid=0)",
  "",
  "no log line",
  "Jan  1 00:00:02 lab sshd[3]: Accepted publickey for al from 2001:db8::1 port 5 ssh2",
];
const EXPECTED = [
  '{"line":1,"kind":"failure","user":"root","source":"203.0.113.7","port":4444,"method":"password","time":"2019-12-31T23:59:59.000Z","attempts":1}',
  '{"line":2,"kind":"other","user":null,"source":null,"port":null,"method":null,"time":"2020-01-01T00:00:01.000Z","attempts":0}',
  '{"line":3,"kind":"unparsed","user":null,"source":null,"port":null,"method":null,"time":null,"attempts":0}',
  '{"line":4,"kind":"unparsed","user":null,"source":null,"port":null,"method":null,"time":null,"attempts":0}',
  '{"line":5,"kind":"success","user":"al","source":"2001:db8::1","port":5,"method":"publickey","time":"2020-01-01T00:00:02.000Z","attempts":1}',
  "",
].join("\n");

describe("soc parse", () => {
  test(
    "prints one JSON object per line of a file, with either kind of line end",
    async () => {
      const user = newUser();
      for (const end of ["\n", "\r\n"]) {
        const path = join(user.home, "auth.log");
        writeFileSync(path, LOG.join(end));
        const { exitCode, stdout, stderr } = await user.run(["soc", "parse", path, "--year", "2019"]);
        expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: EXPECTED, stderr: "" });
      }
    },
    CLI_MS,
  );

  test(
    "reads stdin as -",
    async () => {
      const { stdout } = await newUser().run(["soc", "parse", "-", "--year", "2019"], LOG.join("\n"));
      expect(stdout).toBe(EXPECTED);
    },
    CLI_MS,
  );

  test(
    "prints nothing for an empty file, and a line of bytes that are no text",
    async () => {
      const user = newUser();
      const path = join(user.home, "auth.log");
      writeFileSync(path, "");
      expect(await user.run(["soc", "parse", path])).toMatchObject({ exitCode: 0, stdout: "" });
      writeFileSync(path, Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28, 0x0a]));
      const { exitCode, stdout } = await user.run(["soc", "parse", path]);
      expect({ exitCode, lines: stdout.split("\n").length }).toEqual({ exitCode: 0, lines: 2 });
    },
    CLI_MS,
  );

  test(
    "refuses a file that is not there, and a year that is none",
    async () => {
      const user = newUser();
      const missing = await user.run(["soc", "parse", join(user.home, "missing.log")]);
      expect(missing.exitCode).toBe(1);
      expect(missing.stderr).toContain("cannot be read");
      expect((await user.run(["soc", "parse", "x", "--year", "15"])).exitCode).toBe(2);
    },
    CLI_MS,
  );
});

test("a line in pieces, however long, is one line", () => {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => void lines.push(line));
  for (const piece of ["a", "b\nc", "\n", "\n", "x".repeat(70_000), "y".repeat(70_000), "z\nd"])
    splitter.push(piece);
  splitter.end();
  expect(lines.map((line) => line.slice(0, 3))).toEqual(["ab", "c", "", "xxx", "d"]);
});

/**
 * The SSH log parser against a bare scan for line ends and against fail2ban-regex, on the same synthetic log: lines for each
 * second of CPU of one core. `bun bench/ssh-parser.ts [file]`
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AttemptCounter, SshLineParser } from "../server/features/soc/parse/index.ts";

const LINES = 1_000_000;
/** fail2ban takes a second and a half for these. */
const PEER_LINES = 50_000;
const RUNS = 3;
/** Lines for each second: the goal of docs, and 25 times fail2ban. */
const GOAL = 1_000_000;

export interface ParserResult {
  readonly scan: number;
  readonly parse: number;
  readonly parseAndCount: number;
  readonly fail2ban: number | null;
}

const address = (n: number) => `198.51.${(n >> 8) & 255}.${n & 255}`;
const pam = (source: string) =>
  `pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=${source}`;

/** As on a server on the open network: 40 % failures with their further lines, a few sessions, other programs. */
function messageOf(n: number): string {
  const round = Math.floor(n / 20);
  const source = address(round % 5_000);
  const name = `admin${round % 97}`;
  const sshd = (connection: number, message: string) =>
    `sshd[${1_000 + ((round * 5 + connection) % 30_000)}]: ${message}`;
  const rootFailure = `Failed password for root from ${source} port 4242 ssh2`;
  switch (n % 20) {
    case 0:
      return sshd(0, `Invalid user ${name} from ${source} port 4242`);
    case 1:
      return sshd(0, pam(source));
    case 2:
      return sshd(0, `Failed password for invalid user ${name} from ${source} port 4242 ssh2`);
    case 3:
      return sshd(0, `Received disconnect from ${source} port 4242:11: Bye Bye [preauth]`);
    case 4:
      return sshd(1, `${pam(source)}  user=root`);
    case 8:
      return sshd(1, `Connection closed by authenticating user root ${source} port 4242 [preauth]`);
    case 12:
      return sshd(2, `error: kex_exchange_identification: Connection closed by remote host`);
    case 13:
      return sshd(3, `Accepted publickey for deploy from ${source} port 4242 ssh2: ED25519 SHA256:abcdefgh`);
    case 14:
      return sshd(3, "pam_unix(sshd:session): session opened for user deploy(uid=1000) by (uid=0)");
    case 15:
    case 16:
      return `CRON[${n}]: pam_unix(cron:session): session closed for user root`;
    case 17:
      return "sudo:   deploy : TTY=pts/0 ; PWD=/home/deploy ; USER=root ; COMMAND=/usr/bin/id";
    default:
      return sshd(n % 20 < 8 ? 1 : 4, rootFailure);
  }
}

function syntheticLog(lines: number): string {
  const parts: string[] = [];
  for (let n = 0; n < lines; n += 1) {
    const time = new Date(n * 60).toISOString().slice(11, 19);
    parts.push(`Dec 10 ${time} lab ${messageOf(n)}\n`);
  }
  return parts.join("");
}

function eachLine(text: string, onLine: (line: string) => void): void {
  let start = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
    onLine(text.substring(start, end));
    start = end + 1;
  }
}

/** The best of some runs, by CPU of this process: a busy machine does not change it much. */
function linesPerSecond(lines: number, run: () => void): number {
  let best = 0;
  for (let n = 0; n < RUNS; n += 1) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    best = Math.max(best, lines / ((user + system) / 1_000_000));
  }
  return best;
}

function runParser(text: string, counts: boolean): number {
  const parser = new SshLineParser({ year: 2015, now: Date.now() });
  let failures = 0;
  const onRecord = ({ kind, attempts }: { kind: string; attempts: number }) => {
    if (kind === "failure") failures += attempts;
  };
  const counter = new AttemptCounter({ order: "lines", onRecord });
  eachLine(text, (line) => {
    const record = parser.parse(line);
    if (counts) counter.push(record);
    else onRecord(record);
  });
  counter.flush();
  return failures;
}

/** Null where it is not installed. */
function runFail2ban(): number | null {
  const command = Bun.which("fail2ban-regex");
  if (command === null) return null;
  const folder = mkdtempSync(join(tmpdir(), "twarga-bench-"));
  try {
    const path = join(folder, "auth.log");
    writeFileSync(path, syntheticLog(PEER_LINES));
    const { resourceUsage, exitCode } = Bun.spawnSync([command, path, "sshd"], {
      env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C" },
      stdout: "ignore",
      stderr: "ignore",
    });
    return exitCode > 1 ? null : PEER_LINES / (Number(resourceUsage.cpuTime.total) / 1_000_000);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function benchSshParser(path?: string): Promise<ParserResult> {
  const text = path === undefined ? syntheticLog(LINES) : `${await Bun.file(path).text()}\n`;
  let lines = 0;
  eachLine(text, () => void (lines += 1));
  let length = 0;
  return {
    scan: linesPerSecond(lines, () => eachLine(text, (line) => void (length += line.length))),
    parse: linesPerSecond(lines, () => void runParser(text, false)),
    parseAndCount: linesPerSecond(lines, () => void runParser(text, true)),
    fail2ban: runFail2ban(),
  };
}

function show({ scan, parse, parseAndCount, fail2ban }: ParserResult): void {
  const text = (speed: number) => `${Math.round(speed).toLocaleString("en")} lines/s`;
  console.log(`bare scan for line ends      ${text(scan)}`);
  for (const [what, speed] of [
    ["parser                      ", parse],
    ["parser and attempt counter  ", parseAndCount],
  ] as const) {
    const peer = fail2ban === null ? "" : `, ${(speed / fail2ban).toFixed(0)}x fail2ban-regex`;
    const verdict = speed >= GOAL ? "reaches" : "misses";
    console.log(
      `${what} ${text(speed)} = ${(speed / scan).toFixed(2)}x the scan${peer}; ${verdict} ${text(GOAL)}`,
    );
  }
  console.log(
    `fail2ban-regex, sshd filter  ${fail2ban === null ? "skipped, not installed" : text(fail2ban)}`,
  );
}

if (import.meta.main) show(await benchSshParser(process.argv[2]));

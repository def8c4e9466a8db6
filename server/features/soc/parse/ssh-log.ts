/** One line of a log to what it says about SSH: header, program, message. Without memory but for the year of dates. */
import { readDropbear } from "./dropbear.ts";
import { LogHeader } from "./log-header.ts";
import { readKnown, readOpenSsh } from "./openssh.ts";
import { readPam } from "./pam.ts";
import { newRecord, type SshRecord } from "./record.ts";
import type { TimestampOptions } from "./timestamp.ts";

/** Nothing a server writes about one event is longer; the rest of such a line is not looked at. */
const MAX_LINE_LENGTH = 16_384;
const LAST_MESSAGE = "last message repeated ";

export class SshLineParser {
  readonly #header: LogHeader;

  constructor(options: TimestampOptions) {
    this.#header = new LogHeader(options);
  }

  /** The line without its line feed. Never throws. */
  parse(text: string): SshRecord {
    const line = trimEnd(text);
    const header = this.#header;
    header.read(line);
    const record = this.#read(line);
    record.timeMs = header.timeMs;
    record.host = header.host;
    record.pid = header.pid;
    return record;
  }

  #read(line: string): SshRecord {
    const header = this.#header;
    const body = line.substring(bodyStart(line, header.bodyAt));
    const program = header.program;
    if (program === null) return readWithoutProgram(body, header.timeMs !== null);
    if (program === "sshd" || program.startsWith("sshd-") || program === "[sshd]") return readOpenSsh(body);
    if (program === "dropbear") return readDropbear(body) ?? newRecord("other");
    if (program.startsWith("sshd(") && program.endsWith(")"))
      return readPam(body, program) ?? newRecord("other");
    return newRecord("other");
  }
}

/** Carriage return, blanks and NULs at the end; at most what is looked at. */
function trimEnd(text: string): string {
  let end = Math.min(text.length, MAX_LINE_LENGTH);
  while (end > 0 && (text.charCodeAt(end - 1) === 13 || text.charCodeAt(end - 1) === 0)) end -= 1;
  return end === text.length ? text : text.substring(0, end);
}

/** Behind blanks, and behind the `[ID 800047 auth.info]` of Solaris. */
function bodyStart(line: string, at: number): number {
  let start = at;
  while (line.charCodeAt(start) === 32) start += 1;
  if (!line.startsWith("[ID ", start)) return start;
  const close = line.indexOf("] ", start);
  return close < 0 ? start : close + 2;
}

/** `sshd -E` and `journalctl -o cat` write bare messages; a date alone makes a line of some other program. */
function readWithoutProgram(body: string, hasDate: boolean): SshRecord {
  const repeated = body.indexOf(LAST_MESSAGE);
  if (hasDate && repeated >= 0 && repeated < 300) return readLastRepeated(body, repeated);
  const known = readBare(body);
  if (known !== null) return known;
  return newRecord(hasDate && body !== "" ? "other" : "unparsed");
}

/** What the server writes about itself and about a login that is not over yet. */
const bareNotices = [
  "Server listening on ",
  "Received signal ",
  "User child is on pid ",
  "Accepted key ",
  "Could not get shadow information for ",
  "debug1: ",
  "debug2: ",
  "debug3: ",
] as const;

function readBare(body: string): SshRecord | null {
  if (body === "") return null;
  if (bareNotices.some((notice) => body.startsWith(notice))) return newRecord("other");
  const record = readOpenSsh(body);
  if (record.kind !== "other" || record.claim !== null) return record;
  return readDropbear(body) ?? readKnown(body);
}

/** syslogd of BSD and old Linux: "last message repeated 3 times". Who it is about, the counter knows. */
function readLastRepeated(body: string, at: number): SshRecord {
  const record = newRecord("other");
  const start = at + LAST_MESSAGE.length;
  const count = Number(body.substring(start, body.indexOf(" time", start)));
  if (Number.isInteger(count) && count > 0 && count < 1_000_000) record.claimed = count;
  return record;
}

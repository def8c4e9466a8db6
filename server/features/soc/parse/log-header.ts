/** What stands before the message of a log line: priority, date, host, program, process id. */
import { TimestampReader, type TimestampOptions } from "./timestamp.ts";

/** Tokens between the date and the tag that are looked at: host, level. */
const MAX_TOKENS = 6;
const FORWARDED = "Message forwarded from ";
const MAX_TAG_LENGTH = 128;

/** Reads one header after another into its own fields, so that a line costs no object. */
export class LogHeader {
  timeMs: number | null = null;
  host = "";
  /** Null: the line has no header that names a program. */
  program: string | null = null;
  pid = "";
  /** Where the message begins. */
  bodyAt = 0;
  readonly #timestamps: TimestampReader;

  constructor(options: TimestampOptions) {
    this.#timestamps = new TimestampReader(options);
  }

  read(line: string): void {
    this.host = "";
    this.program = null;
    this.pid = "";
    let at = line.charCodeAt(0) === 0xfeff ? 1 : 0;
    const priorityEnd = priorityEndAt(line, at);
    const isVersioned = line.startsWith("1 ", priorityEnd) && priorityEnd > at;
    at = isVersioned ? priorityEnd + 2 : priorityEnd;
    this.bodyAt = at;
    if (line.charCodeAt(at) === 91) at = this.#readDropbearPid(line, at);
    this.timeMs = this.#timestamps.read(line, at);
    if (this.timeMs !== null) this.bodyAt = this.#timestamps.end;
    else if (isVersioned && line.startsWith("- ", at)) this.bodyAt = at + 2;
    if (isVersioned) this.#readStructured(line);
    else if (this.pid === "" || this.timeMs === null) this.#readTag(line);
  }

  /** `[1234] Nov 24 16:50:00 message`, as `dropbear -E` writes it. */
  #readDropbearPid(line: string, at: number): number {
    const close = line.indexOf("] ", at);
    if (close < 0 || close - at > 11 || !isDigits(line, at + 1, close)) return at;
    this.pid = line.substring(at + 1, close);
    this.program = "dropbear";
    return close + 2;
  }

  /** RFC 5424: host, program, process id, message id, structured data, message. */
  #readStructured(line: string): void {
    const hostEnd = line.indexOf(" ", this.bodyAt);
    const programEnd = hostEnd < 0 ? -1 : line.indexOf(" ", hostEnd + 1);
    const pidEnd = programEnd < 0 ? -1 : line.indexOf(" ", programEnd + 1);
    const idEnd = pidEnd < 0 ? -1 : line.indexOf(" ", pidEnd + 1);
    if (idEnd < 0) return;
    this.host = line.substring(this.bodyAt, hostEnd);
    this.program = baseName(line.substring(hostEnd + 1, programEnd));
    const pid = line.substring(programEnd + 1, pidEnd);
    if (pid !== "-") this.pid = pid;
    let at = idEnd + 1;
    if (line.charCodeAt(at) === 45) at += 1;
    else while (line.charCodeAt(at) === 91) at = elementEnd(line, at);
    if (line.charCodeAt(at) === 32) at += 1;
    if (line.charCodeAt(at) === 0xfeff) at += 1;
    this.bodyAt = at;
  }

  /** The first token that ends with a colon is the tag; the first of the others is the host. */
  #readTag(line: string): void {
    let at = this.bodyAt;
    if (line.startsWith(FORWARDED, at)) {
      // AIX: the host's name ends with a colon here.
      const hostEnd = line.indexOf(": ", at + FORWARDED.length);
      if (hostEnd >= 0) at = hostEnd + 2;
    }
    for (let token = 0; token < MAX_TOKENS; token += 1) {
      const space = line.indexOf(" ", at);
      const end = space < 0 ? line.length : space;
      if (end > at && line.charCodeAt(end - 1) === 58 && end - at <= MAX_TAG_LENGTH) {
        // Without a date, a word with a colon is a tag only if it has a process id.
        if (this.timeMs === null && line.charCodeAt(end - 2) !== 93) return;
        this.#takeTag(line, at, end - 1);
        this.bodyAt = space < 0 ? end : end + 1;
        return;
      }
      // metalog writes no colon.
      if (end === at + 6 && this.timeMs !== null && line.startsWith("[sshd]", at)) {
        this.program = "sshd";
        this.bodyAt = end + 1;
        return;
      }
      if (space < 0) return;
      // Bare messages have neither a date nor a host.
      if (token === 0 && this.timeMs !== null) this.host = line.substring(at, end);
      at = end + 1;
    }
  }

  #takeTag(line: string, at: number, end: number): void {
    let nameEnd = end;
    if (line.startsWith("[sshd]", at) && end === at + 6) nameEnd = end;
    else if (line.charCodeAt(end - 1) === 93) {
      const open = line.lastIndexOf("[", end);
      if (open >= at) {
        this.pid = line.substring(open + 1, end - 1);
        nameEnd = open;
      }
    }
    this.program = baseName(line.substring(at, nameEnd));
  }
}

/** Behind `<34>`, or `at` where there is none. */
function priorityEndAt(line: string, at: number): number {
  if (line.charCodeAt(at) !== 60) return at;
  const close = line.indexOf(">", at);
  return close > at + 1 && close - at <= 4 && isDigits(line, at + 1, close) ? close + 1 : at;
}

export function isDigits(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (!(code >= 48 && code <= 57)) return false;
  }
  return to > from;
}

/** Behind one `[name key="value"]`, whose values may hold `]`, escaped or (against the RFC) not. */
function elementEnd(line: string, at: number): number {
  let isQuoted = false;
  for (let here = at; here < line.length; here += 1) {
    const code = line.charCodeAt(here);
    if (code === 92) here += 1;
    else if (code === 34) isQuoted = !isQuoted;
    else if (code === 93 && !isQuoted) return here + 1;
  }
  return line.length;
}

/** `/usr/sbin/sshd` is sshd. */
function baseName(name: string): string {
  const slash = name.lastIndexOf("/");
  return slash < 0 ? name : name.substring(slash + 1);
}

/** One message of `sshd`, `sshd-session` or `sshd-auth` (OpenSSH of all ages), without its header. */
import {
  readClosedSession,
  readConnection,
  readDropped,
  readEnd,
  readMappedAddress,
  readProbe,
  readReceivedDisconnect,
  readReverseMapping,
  readStartedSession,
  readSubsystem,
  readUnnamedProbe,
} from "./openssh-connection.ts";
import {
  readAccessDenied,
  readForbiddenHost,
  readNotAllowed,
  readPamError,
  readRequest,
  readResult,
  readRootRefused,
  readTooManyTries,
  readUnknownUser,
} from "./openssh-login.ts";
import { pamPrefixLength, readMoreFailures, readPam } from "./pam.ts";
import { newRecord, type SshRecord } from "./record.ts";

type Reader = (body: string, prefix: string) => SshRecord | null;

/** By their beginnings; grouped by first letter below. */
const messages: readonly (readonly [prefix: string, read: Reader])[] = [
  ["Failed ", (body, prefix) => readResult(body, prefix, "failure")],
  ["Accepted ", (body, prefix) => readResult(body, prefix, "success")],
  ["Postponed ", (body, prefix) => readResult(body, prefix, "other")],
  ["Partial ", (body, prefix) => readResult(body, prefix, "other")],
  ["Invalid user ", readUnknownUser],
  ["Illegal user ", readUnknownUser],
  ["User ", readNotAllowed],
  ["ROOT LOGIN REFUSED FROM ", readRootRefused],
  ["PAM: ", readPamError],
  ["PAM ", readMoreFailures],
  ["Authentication failure for ", readPamError],
  ["authentication error for ", readPamError],
  ["User not known to the underlying authentication module for ", readPamError],
  ["input_userauth_request: ", readRequest],
  ["Access denied for user ", readAccessDenied],
  ["Authentication tried for ", readForbiddenHost],
  ["maximum authentication attempts exceeded for ", readTooManyTries],
  ["Connection closed by ", readEnd],
  ["Connection reset by ", readEnd],
  ["Connection from ", readConnection],
  ["Disconnected from ", readEnd],
  ["Disconnecting: ", readDisconnecting],
  ["Disconnecting ", (body, prefix) => asProbe(readEnd(body, prefix))],
  ["Too many authentication failures", readTooMany],
  ["Received disconnect from ", readReceivedDisconnect],
  ["drop connection ", readDropped],
  ["reverse mapping checking ", readReverseMapping],
  ["Address ", readMappedAddress],
  ["Starting session: ", readStartedSession],
  ["Close session: ", readClosedSession],
  ["subsystem request for ", readSubsystem],
];

const readersByFirstCode = new Map<number, (readonly [string, Reader])[]>();
for (const message of messages) {
  const code = message[0].charCodeAt(0);
  readersByFirstCode.set(code, [...(readersByFirstCode.get(code) ?? []), message]);
}

const levels = ["error: ", "fatal: ", "info: ", "debug1: ", "debug2: ", "debug3: "] as const;
const REPEATED = "message repeated ";
const REPEATED_OPEN = " times: [";

/** Most messages begin with a capital letter: those have none. */
function levelOf(body: string): string | undefined {
  if (body.charCodeAt(0) < 97) return undefined;
  return levels.find((candidate) => body.startsWith(candidate));
}

export function readOpenSsh(body: string): SshRecord {
  if (body.startsWith(REPEATED)) {
    const record = readRepeated(body);
    if (record !== null) return record;
  }
  const level = levelOf(body);
  const text = level === undefined ? body : body.substring(level.length);
  if (level?.startsWith("debug") === true) return newRecord("other");
  return readKnown(text) ?? readUnknown(text, level);
}

/** log.c and rsyslog's imuxsock: "message repeated 5 times: [ Failed password ...]" stands for five more lines. */
function readRepeated(body: string): SshRecord | null {
  const open = body.indexOf(REPEATED_OPEN);
  const count = Number(body.substring(REPEATED.length, open));
  if (open < 0 || open > REPEATED.length + 9 || !Number.isInteger(count) || count < 1) return null;
  const end = body.endsWith("]") ? body.length - 1 : body.length;
  let start = open + REPEATED_OPEN.length;
  if (body.charCodeAt(start) === 32) start += 1;
  const inner = body.substring(start, end);
  if (inner.startsWith(REPEATED)) return null;
  const record = readOpenSsh(inner);
  record.attempts *= count;
  record.claimed *= count;
  return record;
}

/** Null when the message is none of those above. */
export function readKnown(text: string): SshRecord | null {
  const readers = readersByFirstCode.get(text.charCodeAt(0));
  if (readers !== undefined)
    for (const [prefix, read] of readers)
      if (text.startsWith(prefix)) {
        const record = read(text, prefix);
        if (record !== null) return record;
      }
  const length = pamPrefixLength(text);
  const pam = readPam(length === 0 ? text : text.substring(length), text.substring(0, length));
  return pam ?? (length > 0 ? null : readProbe(text));
}

/** What the server calls an error before a login is hostile or broken; the rest is its own business. */
function readUnknown(text: string, level: string | undefined): SshRecord {
  const isProbe = level !== undefined && text.endsWith(" [preauth]");
  return isProbe ? readUnnamedProbe(text) : newRecord("other");
}

/** packet.c `ssh_packet_disconnect`: "Disconnecting: %.100s"; with a user since 2017. */
function readDisconnecting(body: string, prefix: string): SshRecord {
  const text = body.substring(prefix.length);
  return text.startsWith("Too many authentication failures")
    ? readTooMany(text)
    : asProbe(newRecord("probe"));
}

/** "Too many authentication failures for NAME". */
function readTooMany(text: string): SshRecord {
  const record = newRecord("probe");
  const forAt = text.indexOf(" for ");
  const end = text.endsWith(" [preauth]") ? text.length - 10 : text.length;
  if (forAt >= 0) record.user = text.substring(forAt + 5, end);
  return record;
}

function asProbe(record: SshRecord): SshRecord {
  record.kind = "probe";
  return record;
}

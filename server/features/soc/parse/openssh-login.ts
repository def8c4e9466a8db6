/**
 * Messages of OpenSSH about logins. The texts are those of auth.c (`auth_log`, `allowed_user`, `auth_root_allowed`,
 * `auth_maxtries_exceeded`, `getpwnamallow`), auth2.c (`input_userauth_request`), auth-pam.c (`sshpam_query`),
 * monitor.c and, for protocol 1, auth1.c.
 */
import { findLastPeer, newPeer, normalizeAddress, readPeer } from "./address.ts";
import { newRecord, type SshKind, type SshRecord } from "./record.ts";

const peer = newPeer();
const MAX_METHOD_LENGTH = 40;
const PREAUTH = " [preauth]";

/** The marks that OpenSSH puts before the name of a user it does not know; `illegal` until 2004. */
const unknownUser = ["invalid user ", "illegal user "] as const;

/** Without the mark of an unknown user. */
export function nameAt(body: string, at: number, end: number): string {
  for (const mark of unknownUser)
    if (body.startsWith(mark, at)) return body.substring(Math.min(at + mark.length, end), end);
  return body.substring(at, end);
}

export function withoutPreauth(body: string): string {
  return body.endsWith(PREAUTH) ? body.substring(0, body.length - PREAUTH.length) : body;
}

/** auth.c `auth_log`: "%s %s%s%s for %s%.100s from %.200s port %d ssh2%s%s". */
export function readResult(body: string, verb: string, kind: SshKind): SshRecord | null {
  const methodAt = verb.length;
  const forAt = body.indexOf(" for ", methodAt);
  if (forAt < 0 || forAt - methodAt > MAX_METHOD_LENGTH) return null;
  const method = body.substring(methodAt, forAt);
  if (method.includes(" ") && method !== "without authentication") return null;
  const nameStart = forAt + 5;
  // The blank before "from" may be the one behind "invalid user" when the name is empty.
  const nameEnd = findResultTail(body, method, nameStart - 1);
  if (nameEnd < 0) return null;
  const record = newRecord(kind);
  record.method = method;
  record.user = nameAt(body, nameStart, Math.max(nameStart, nameEnd));
  record.source = peer.source;
  record.port = peer.port;
  if (kind === "failure" || kind === "success") record.attempts = 1;
  return record;
}

/**
 * The last tail wins, for a name may imitate one. What the client chooses behind the tail is cut off before: the id of a
 * certificate (auth2-pubkey.c: "%s ID %s (serial %llu) ...") and the names of auth2-hostbased.c.
 */
function findResultTail(body: string, method: string, at: number): number {
  if (method === "publickey" || method === "hostbased") {
    const mark = method === "publickey" ? "-CERT " : ', client user "';
    const cutAt = body.indexOf(mark, at);
    const end = cutAt < 0 ? -1 : findLastPeer(body.substring(0, cutAt), at, true, peer);
    if (end >= 0) return end;
  }
  const end = findLastPeer(body, at, true, peer);
  return end >= 0 ? end : findLastPeer(body, at, false, peer);
}

/** auth.c `getpwnamallow`: "Invalid user %.100s from %.100s port %d"; "Illegal user" until 2004. */
export function readUnknownUser(body: string): SshRecord | null {
  const nameStart = "Invalid user ".length;
  const text = withoutPreauth(body);
  const nameEnd = findLastPeer(text, nameStart - 1, false, peer);
  if (nameEnd < 0) return null;
  return claimOf(text.substring(nameStart, Math.max(nameStart, nameEnd)));
}

/** A record with the peer that was read last, which counts when nothing else tells of the attempt. */
function claimOf(user: string | null): SshRecord {
  const record = newRecord("other");
  record.user = user;
  record.source = peer.source;
  record.port = peer.port;
  record.claim = "lead";
  record.claimed = 1;
  return record;
}

/** auth.c `allowed_user`: "User %.100s from %.100s not allowed because ...", "User %.100s not allowed because ...". */
export function readNotAllowed(body: string): SshRecord | null {
  const reasonAt = body.lastIndexOf(" not allowed because ");
  if (reasonAt < 0) return null;
  const head = body.substring(0, reasonAt);
  const nameStart = "User ".length;
  const nameEnd = findLastPeer(head, nameStart - 1, false, peer);
  if (nameEnd >= 0 && peer.end === head.length) return claimOf(head.substring(nameStart, nameEnd));
  peer.source = null;
  peer.port = null;
  return claimOf(head.substring(nameStart));
}

/** auth.c `auth_root_allowed`: "ROOT LOGIN REFUSED FROM %.200s port %d". */
export function readRootRefused(body: string): SshRecord | null {
  return readPeer(body, "ROOT LOGIN REFUSED FROM ".length, peer) ? claimOf("root") : null;
}

/** auth-pam.c `sshpam_query`: "PAM: %s for %s%.100s from %.100s"; Apple adds " via %s". */
export function readPamError(body: string): SshRecord | null {
  const forAt = body.indexOf(" for ");
  if (forAt < 0) return null;
  const nameEnd = findLastPeer(body, forAt + 4, false, peer);
  if (nameEnd < 0) return null;
  const record = claimOf(nameAt(body, forAt + 5, Math.max(forAt + 5, nameEnd)));
  record.claimant = "sshd";
  record.method = "keyboard-interactive/pam";
  return record;
}

/** auth2.c: "input_userauth_request: invalid user %s"; the line before it has the address. */
export function readRequest(body: string): SshRecord {
  const record = newRecord("other");
  const text = withoutPreauth(body);
  record.user = nameAt(text, "input_userauth_request: ".length, text.length);
  return record;
}

/** auth-pam.c: "Access denied for user %s by PAM account configuration", behind the line of the method. */
export function readAccessDenied(body: string): SshRecord {
  const start = "Access denied for user ".length;
  const end = body.lastIndexOf(" by PAM account");
  const record = newRecord("other");
  record.user = end < 0 ? null : body.substring(start, end);
  record.claim = "trail";
  record.claimed = 1;
  return record;
}

/**
 * auth-options.c: "Authentication tried for %.100s with correct key but not from a permitted host (host=%.200s,
 * ip=%.200s, required=%.200s)."
 */
export function readForbiddenHost(body: string): SshRecord {
  const start = "Authentication tried for ".length;
  const end = body.indexOf(" with ", start);
  const record = newRecord("other");
  record.user = end < 0 ? null : body.substring(start, end);
  const ipAt = body.lastIndexOf("ip=");
  const ipEnd = body.indexOf(",", ipAt);
  if (ipAt >= 0 && ipEnd >= 0) record.source = normalizeAddress(body.substring(ipAt + 3, ipEnd));
  record.method = "publickey";
  record.claim = "lead";
  record.claimed = 1;
  return record;
}

/** auth.c `auth_maxtries_exceeded`: the attempts themselves have lines of their own. */
export function readTooManyTries(body: string): SshRecord {
  const record = newRecord("probe");
  const start = "maximum authentication attempts exceeded for ".length;
  const end = findLastPeer(body, start - 1, false, peer);
  record.ends = true;
  if (end < 0) return record;
  record.user = nameAt(body, start, Math.max(start, end));
  record.source = peer.source;
  record.port = peer.port;
  return record;
}

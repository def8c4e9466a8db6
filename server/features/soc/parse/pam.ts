/**
 * PAM's lines about SSH logins. The texts are those of Linux-PAM's pam_unix (support.c `_unix_verify_password`,
 * `_cleanup_failures`; pam_unix_sess.c); pam_sss, pam_ldap and others write the same form.
 */
import { newPeer, readPeer } from "./address.ts";
import { newRecord, type SshRecord } from "./record.ts";

const peer = newPeer();
const MAX_MODULE_LENGTH = 40;

/** `pam_unix(sshd:auth): `, `(pam_unix) `, `pam_unix(ssh:session): `: the length, 0 when there is none. */
export function pamPrefixLength(body: string): number {
  if (body.startsWith("pam_")) {
    const end = body.indexOf("): ");
    return end > 0 && end <= MAX_MODULE_LENGTH ? end + 3 : 0;
  }
  if (!body.startsWith("(pam_")) return 0;
  const end = body.indexOf(") ");
  return end > 0 && end <= MAX_MODULE_LENGTH ? end + 2 : 0;
}

/** Null when the text is none of PAM's. */
export function readPam(text: string, module: string): SshRecord | null {
  if (text.startsWith("authentication failure;")) return readFailure(text, module, 1);
  if (text.startsWith("session ")) return readSession(text);
  return null;
}

/** "session opened for user NAME by (uid=0)", "session opened for user NAME(uid=0) by ROOT(uid=0)". */
function readSession(text: string): SshRecord | null {
  const opened = "session opened for user ";
  const closed = "session closed for user ";
  if (!text.startsWith(opened) && !text.startsWith(closed)) return null;
  const record = newRecord("session");
  let end = text.startsWith(opened) ? text.lastIndexOf(" by ") : text.length;
  if (end < 0) end = text.length;
  const name = text.substring(opened.length, end);
  const uidAt = name.endsWith(")") ? name.lastIndexOf("(uid=") : -1;
  record.user = uidAt < 0 ? name : name.substring(0, uidAt);
  return record;
}

/** "PAM 2 more authentication failures; logname= ...": those behind the first, which had a line of its own. */
export function readMoreFailures(body: string): SshRecord | null {
  const end = body.indexOf(" more authentication failure");
  const count = Number(body.substring(4, end));
  if (end < 0 || end > 12 || !Number.isInteger(count) || count < 1) return null;
  const record = readFailure(body, "", count);
  record.claim = "trail";
  return record;
}

/**
 * "logname= uid=0 euid=0 tty=ssh ruser= rhost=ADDR  user=NAME". The name is last and the client's, so the first `rhost`
 * counts.
 */
function readFailure(text: string, module: string, count: number): SshRecord {
  const record = newRecord("other");
  record.claim = "pam";
  record.claimed = count;
  record.claimant = module;
  const hostAt = text.indexOf(" rhost=");
  if (hostAt < 0) return record;
  let end = hostAt + 7;
  if (readPeer(text, end, peer)) {
    record.source = peer.source;
    end = peer.end;
  }
  const userAt = text.indexOf(" user=", end);
  if (userAt >= 0) record.user = text.substring(userAt + 6);
  return record;
}

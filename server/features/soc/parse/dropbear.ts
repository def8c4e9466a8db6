/**
 * Messages of dropbear: svr-authpasswd.c, svr-authpam.c, svr-authpubkey.c, svr-auth.c, svr-session.c and svr-main.c.
 * Versions before 2013 begin them with a small letter.
 */
import { newPeer, normalizeAddress, readJoined } from "./address.ts";
import { newRecord, type SshKind, type SshRecord } from "./record.ts";

const peer = newPeer();

type Rule = readonly [prefix: string, kind: SshKind, method: string | null];

const rules: readonly Rule[] = [
  // "Bad password attempt for '%s' from %s"; too long ones are not tried.
  ["ad password attempt for ", "failure", "password"],
  ["oo-long password attempt for ", "failure", "password"],
  ["ad PAM password attempt for ", "failure", "password"],
  ["AM password auth failed for ", "failure", "password"],
  // Dropbear answers later passwords for such a name without a further line.
  ["ogin attempt for nonexistent user", "failure", null],
  ["ogin attempt with wrong user ", "failure", null],
  // svr-auth.c, with -w: "root login rejected".
  ["oot login rejected", "failure", null],
  ["ubkey auth bad signature for ", "failure", "publickey"],
  ["assword auth succeeded for ", "success", "password"],
  ["AM password auth succeeded for ", "success", "password"],
  ["ubkey auth succeeded for ", "success", "publickey"],
  ["uth succeeded with blank password for ", "success", "none"],
  ["xit before auth", "probe", null],
  ["xit (", "session", null],
  ["xited normally", "session", null],
  ["hild connection from ", "other", null],
];

/** Null when the message is none of dropbear's about a client. */
export function readDropbear(body: string): SshRecord | null {
  const rule = rules.find(([prefix]) => body.startsWith(prefix, 1));
  if (rule === undefined) return null;
  const [prefix, kind, method] = rule;
  const record = newRecord(kind);
  record.method = method;
  record.ends = prefix.startsWith("xit");
  record.opens = prefix.startsWith("hild");
  if (prefix.startsWith("oot login")) record.user = "root";
  readUser(body, record);
  readSource(body, record);
  const needsFactor = body.endsWith(", extra auth required");
  if (needsFactor) record.kind = "other";
  else if (kind === "failure" || kind === "success") record.attempts = 1;
  return record;
}

/** `for 'NAME'`, `user 'NAME'`, `Exit (NAME) from <ADDR>`: up to the last quote before the address. */
function readUser(body: string, record: SshRecord): void {
  if (body.startsWith("xit (", 1)) {
    const close = body.indexOf(")");
    record.user = close < 0 ? null : body.substring(6, close);
    return;
  }
  const open = body.indexOf("'");
  if (open < 0) return;
  // "(user 'NAME', 3 fails): Max auth tries reached - user 'NAME' from ..." says the name twice.
  const again = body.indexOf("', ", open);
  const end = record.ends && again >= 0 ? again : lastQuote(body, open);
  if (end > open) record.user = body.substring(open + 1, end);
}

function lastQuote(body: string, open: number): number {
  for (const mark of ["' with ", "' from "]) {
    const at = body.lastIndexOf(mark);
    if (at > open) return at;
  }
  return body.lastIndexOf("'");
}

/** `from ADDR:PORT`, or `from <ADDR:PORT>` since 2019. The name stands before it, the reason behind it. */
function readSource(body: string, record: SshRecord): void {
  const bracket = record.ends ? body.indexOf(" from <") : -1;
  const fromAt = bracket >= 0 ? bracket + 1 : body.lastIndexOf(" from ");
  if (fromAt < 0) return;
  if (!readJoined(body, fromAt + 6, peer)) return;
  record.source = peer.source === null ? null : normalizeAddress(peer.source);
  record.port = peer.port;
}

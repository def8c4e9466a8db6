/**
 * Messages of OpenSSH about connections and sessions. The texts are those of packet.c (`sshpkt_fatal`, `ssh_packet_read_poll2`,
 * `ssh_packet_disconnect`), kex.c (`kex_exchange_identification`), dispatch.c, sshd.c (MaxStartups, time limit, banner),
 * canohost.c and session.c.
 */
import { findLastPeer, newPeer, readJoined, readPeer, type Peer } from "./address.ts";
import { nameAt, withoutPreauth } from "./openssh-login.ts";
import { newRecord, type SshKind, type SshRecord } from "./record.ts";

const peer = newPeer();
const userMarks = ["authenticating user ", "invalid user ", "user "] as const;

function recordOf(kind: SshKind, from: Peer | null): SshRecord {
  const record = newRecord(kind);
  if (from === null) return record;
  record.source = from.source;
  record.port = from.port;
  return record;
}

/**
 * "Connection closed by", "Connection reset by", "Disconnected from", "Disconnecting": the address follows, or
 * "authenticating user NAME ADDR port N" (packet.c `ssh_packet_disconnect`, `sshpkt_vfatal`). Before the login it is a
 * probe; afterwards a session ended.
 */
export function readEnd(body: string, prefix: string): SshRecord {
  const text = withoutPreauth(body);
  const isBefore = text.length !== body.length;
  const at = prefix.length;
  const mark = userMarks.find((candidate) => text.startsWith(candidate, at));
  const kind = isBefore || (mark !== undefined && mark !== "user ") ? "probe" : "session";
  const record = newRecord(kind);
  record.ends = true;
  if (mark === undefined) {
    if (readPeer(text, at, peer)) takePeer(record);
    // Since 7.5 a session's end names its user; an end without one comes before the login.
    if (!isBefore && record.port !== null && prefix.startsWith("Connection ")) {
      record.kind = "probe";
      record.mayEndSession = true;
    }
    return record;
  }
  const nameStart = at + mark.length;
  const portAt = endOfName(text, nameStart);
  const addressAt = portAt < 0 ? -1 : text.lastIndexOf(" ", portAt - 1);
  if (addressAt < nameStart - 1 || !readPeer(text, addressAt + 1, peer)) {
    record.user = text.substring(nameStart);
    return record;
  }
  record.user = text.substring(nameStart, Math.max(nameStart, addressAt));
  takePeer(record);
  return record;
}

function takePeer(record: SshRecord): void {
  record.source = peer.source;
  record.port = peer.port;
}

/** The server's reason comes behind the port, and may repeat a name: only what is before it is searched. */
function endOfName(text: string, at: number): number {
  const reasonAt = text.indexOf(": Change of username or service not allowed", at);
  const tooManyAt = text.indexOf(": Too many authentication failures", at);
  const limit = Math.max(reasonAt, tooManyAt);
  return text.lastIndexOf(" port ", limit < 0 ? text.length : limit);
}

/** packet.c: "Received disconnect from %s port %d:%u: %.400s"; the rest is the client's text. */
export function readReceivedDisconnect(body: string): SshRecord {
  // Old logs do not say [preauth], but clients give these reasons only when they were not let in.
  const isRefused = body.endsWith(": Auth fail") || body.endsWith("authentication methods available");
  const record = newRecord(isRefused || body.endsWith(" [preauth]") ? "probe" : "session");
  record.ends = true;
  if (readPeer(body, "Received disconnect from ".length, peer)) takePeer(record);
  return record;
}

/** Where the address of a probe is: behind `prefix`, or behind the last ` from `. */
export type ProbeRule = readonly [prefix: string, addressAt: "next" | "last" | "joined" | "none"];

/** By first letter, for most lines are none of them. */
const probeRules: readonly ProbeRule[] = [
  // sshd.c, kex.c: no or a bad version text.
  ["Did not receive identification string from ", "next"],
  ["Bad protocol version identification ", "last"],
  ["Bad remote protocol version identification", "last"],
  ["Protocol major versions differ for ", "next"],
  ["banner exchange: Connection from ", "next"],
  ["banner exchange: ", "none"],
  ["kex_exchange_identification: ", "none"],
  ["ssh_dispatch_run_fatal: Connection from ", "next"],
  ["ssh_dispatch_run_fatal: ", "none"],
  ["kex_protocol_error: ", "none"],
  ["Could not write ident string to ", "next"],
  ["scanned from ", "next"],
  ["probed from ", "next"],
  // packet.c, kex.c: no common algorithm, and packets that are none.
  ["Unable to negotiate with ", "next"],
  ["Unable to negotiate a ", "none"],
  ["no matching ", "none"],
  ["Bad packet length", "none"],
  ["padding error", "none"],
  ["Corrupted MAC on input", "none"],
  ["Corrupted check bytes on input", "none"],
  ["message authentication code incorrect", "none"],
  ["Disconnecting: Bad packet length", "none"],
  ["crc32 compensation attack", "none"],
  ["ssh_packet_get_string", "none"],
  ["Read from socket failed", "none"],
  ["Write failed", "none"],
  ["Read error from remote host ", "next"],
  // sshd.c: nobody logged in in time, too many at once, TCP wrappers.
  ["Timeout before authentication for connection from ", "next"],
  ["Timeout before authentication for ", "next"],
  ["Timeout before authentication", "none"],
  ["beginning MaxStartups throttling", "none"],
  ["exited MaxStartups throttling", "none"],
  ["in MaxStartups throttling", "none"],
  ["refused connect from ", "last"],
  // canohost.c: names that do not match their address.
  ["Nasty PTR record ", "last"],
];

const rulesByFirstCode = new Map<number, ProbeRule[]>();
for (const rule of probeRules) {
  const code = rule[0].charCodeAt(0);
  rulesByFirstCode.set(code, [...(rulesByFirstCode.get(code) ?? []), rule]);
}

export function readProbe(body: string): SshRecord | null {
  const rule = rulesByFirstCode.get(body.charCodeAt(0))?.find(([prefix]) => body.startsWith(prefix));
  if (rule === undefined) return null;
  const [prefix, where] = rule;
  const record = newRecord("probe");
  if (where === "next" && readPeer(body, prefix.length, peer)) takePeer(record);
  if (where === "last") readLastAddress(body, prefix, record);
  return record;
}

function readLastAddress(body: string, prefix: string, record: SshRecord): void {
  if (prefix.startsWith("refused connect")) {
    // TCP wrappers: "refused connect from NAME (ADDR)".
    const open = body.lastIndexOf("(");
    const close = body.indexOf(")", open);
    if (open >= 0 && close > open && readPeer(body.substring(open + 1, close), 0, peer)) takePeer(record);
    else if (readPeer(body, prefix.length, peer)) takePeer(record);
    return;
  }
  if (prefix.startsWith("Nasty")) {
    // canohost.c: 'Nasty PTR record "%s" is set up for %s, ignoring'.
    const at = body.lastIndexOf(" is set up for ");
    if (at >= 0 && readPeer(body, at + 15, peer)) takePeer(record);
    return;
  }
  if (findLastPeer(body, 0, false, peer) >= 0) takePeer(record);
}

/** sshd.c: "drop connection #%d from [%s]:%d on [%s]:%d past MaxStartups" or "penalty: ...". */
export function readDropped(body: string): SshRecord {
  const record = newRecord("probe");
  const at = body.indexOf(" from ");
  if (at >= 0 && readJoined(body, at + 6, peer)) takePeer(record);
  return record;
}

/** canohost.c: "reverse mapping checking getaddrinfo for %.700s [%s] failed - POSSIBLE BREAK-IN ATTEMPT!". */
export function readReverseMapping(body: string): SshRecord {
  const record = newRecord("probe");
  const open = body.lastIndexOf("[");
  if (open >= 0 && readPeer(body, open + 1, peer)) {
    const close = body.indexOf("]", open);
    if (close > open && readPeer(body.substring(open + 1, close), 0, peer)) takePeer(record);
  } else {
    // Until 2008: "... getaddrinfo for NAME failed".
    const at = body.indexOf(" for ");
    if (at >= 0 && readPeer(body, at + 5, peer)) takePeer(record);
  }
  return record;
}

/** canohost.c: "Address %.100s maps to %.600s, but this does not map back to the address". */
export function readMappedAddress(body: string): SshRecord | null {
  if (!body.includes(" maps to ")) return null;
  return recordOf("probe", readPeer(body, "Address ".length, peer) ? peer : null);
}

/** session.c: "Starting session: %s for %s from %.200s port %d id %d". */
export function readStartedSession(body: string): SshRecord {
  const record = newRecord("session");
  const end = findLastPeer(body, 0, true, peer);
  const forAt = end < 0 ? -1 : body.lastIndexOf(" for ", end);
  if (forAt < 0) return record;
  record.user = body.substring(forAt + 5, end);
  takePeer(record);
  return record;
}

/** session.c: "Close session: user %s from %.200s port %d id %d". */
export function readClosedSession(body: string): SshRecord {
  const record = newRecord("session");
  const start = "Close session: user ".length;
  const end = findLastPeer(body, start - 1, true, peer);
  if (end < 0) return record;
  record.user = nameAt(body, start, end);
  takePeer(record);
  return record;
}

/** session.c: "subsystem request for %.100s by user %s". */
export function readSubsystem(body: string): SshRecord {
  const record = newRecord("session");
  const at = body.lastIndexOf(" by user ");
  if (at < 0) return record;
  const failedAt = body.lastIndexOf(" failed, subsystem not found");
  record.user = body.substring(at + 9, failedAt < at ? body.length : failedAt);
  return record;
}

/** sshd.c: "Connection from %s port %d on %s port %d". */
export function readConnection(body: string): SshRecord {
  const record = recordOf("other", readPeer(body, "Connection from ".length, peer) ? peer : null);
  record.opens = true;
  return record;
}

/** Any line of the server about a connection that ended before a login: its address, if it names one. */
export function readUnnamedProbe(body: string): SshRecord {
  const record = newRecord("probe");
  if (findLastPeer(withoutPreauth(body), 0, false, peer) >= 0 && peer.source?.includes(".") === true)
    takePeer(record);
  return record;
}

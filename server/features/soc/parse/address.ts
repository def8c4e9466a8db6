/** Addresses and the fixed tails `from ADDR port N` that OpenSSH writes behind names a stranger may choose. */

/** Longest host name (RFC 1035) with room for an IPv6 zone. */
const MAX_ADDRESS_LENGTH = 300;
const MAPPED = "::ffff:";

/** Where a match was found; filled by the functions below, so that a line costs no object. */
export interface Peer {
  source: string | null;
  port: number | null;
  /** Behind the address and port. */
  end: number;
}

export const newPeer = (): Peer => ({ source: null, port: null, end: 0 });

/** Letters, digits and `. : % _ - [ ]`: what addresses and host names are made of. */
function isAddressCode(code: number): boolean {
  return (
    (code >= 48 && code <= 58) ||
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 91) ||
    code === 93 ||
    code === 95 ||
    (code >= 45 && code <= 46) ||
    code === 37
  );
}

/** Mapped addresses are IPv4; IPv6 in lower case; `UNKNOWN` (a connection that is gone) is nobody. */
export function normalizeAddress(text: string): string | null {
  let address = text;
  if (address.charCodeAt(0) === 91) {
    const close = address.indexOf("]");
    address = address.substring(1, close < 0 ? address.length : close);
  }
  if (address === "" || address === "UNKNOWN") return null;
  if (!address.includes(":")) return address;
  const zone = address.indexOf("%");
  const lower =
    zone < 0 ? address.toLowerCase() : address.substring(0, zone).toLowerCase() + address.substring(zone);
  return lower.startsWith(MAPPED) && lower.includes(".") ? lower.substring(MAPPED.length) : lower;
}

/** `ADDR`, `ADDR port N` at `at`. A colon right behind the address or the port belongs to the message. */
export function readPeer(text: string, at: number, peer: Peer): boolean {
  const limit = Math.min(text.length, at + MAX_ADDRESS_LENGTH);
  let end = at;
  while (end < limit && isAddressCode(text.charCodeAt(end))) end += 1;
  if (end === at || (end < text.length && end === limit)) return false;
  let addressEnd = end;
  while (addressEnd > at + 1 && isEndMark(text, addressEnd - 1, at)) addressEnd -= 1;
  peer.source = normalizeAddress(text.substring(at, addressEnd));
  peer.port = null;
  peer.end = addressEnd;
  if (addressEnd === end && text.startsWith(" port ", end)) readPort(text, end + 6, peer);
  return true;
}

/** `1.2.3.4:` and `host.` end with a mark of the sentence, `fe80::` does not. */
function isEndMark(text: string, at: number, from: number): boolean {
  const code = text.charCodeAt(at);
  if (code === 58) return !(text.charCodeAt(at - 1) === 58 && at - 1 >= from);
  return code === 46;
}

/** False, and `end` where it was, when there is no number. */
export function readPort(text: string, at: number, peer: Peer): boolean {
  let port = 0;
  let end = at;
  for (; end - at < 6; end += 1) {
    const code = text.charCodeAt(end);
    if (!(code >= 48 && code <= 57)) break;
    port = port * 10 + code - 48;
  }
  if (end === at || port > 65_535) return false;
  peer.port = port;
  peer.end = end;
  return true;
}

/**
 * The last ` from ADDR port N` behind `at`: a user may be called `x from 1.2.3.4 port 22 ssh2`, but what the server
 * itself appends comes after it. Returns where it begins, -1 when there is none.
 */
export function findLastPeer(text: string, at: number, needsPort: boolean, peer: Peer): number {
  for (let from = text.lastIndexOf(" from "); from >= at; from = text.lastIndexOf(" from ", from - 1)) {
    if (readPeer(text, from + 6, peer) && (!needsPort || peer.port !== null)) return from;
    if (from === 0) break;
  }
  return -1;
}

/** `1.2.3.4:5678`, `[::1]:5678` and `::1:5678` as dropbear and MaxStartups write them. */
export function readJoined(text: string, at: number, peer: Peer): boolean {
  const limit = Math.min(text.length, at + MAX_ADDRESS_LENGTH);
  let end = at;
  while (end < limit && isAddressCode(text.charCodeAt(end))) end += 1;
  const colon = text.lastIndexOf(":", end - 1);
  if (colon <= at) return readPeer(text, at, peer);
  peer.source = normalizeAddress(text.substring(at, colon));
  peer.port = null;
  peer.end = end;
  readPort(text, colon + 1, peer);
  return true;
}

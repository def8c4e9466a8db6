/** What one line of a log says about SSH. */

export const sshKinds = ["failure", "probe", "success", "session", "other", "unparsed"] as const;
/**
 * - `failure`: a failed login, counted once per attempt (see attempt-counter.ts).
 * - `probe`: hostile behaviour that is no login: banner, key exchange, ends before a login, refused connections.
 * - `success`: a login that was let in.
 * - `session`: what happens inside a session that was let in.
 * - `other`: a log line of another program, of the server itself, or a further line about a counted attempt.
 * - `unparsed`: no log line.
 */
export type SshKind = (typeof sshKinds)[number];

/**
 * Why a line may stand for an attempt of its own:
 * `lead` comes before the line that counts the attempt, `pam` likewise but may carry another process id,
 * `trail` comes after it.
 */
export type Claim = "lead" | "pam" | "trail";

export interface SshRecord {
  kind: SshKind;
  user: string | null;
  /** IPv4, IPv6 (lower case, mapped addresses as IPv4) or a host name, as the server logged it. */
  source: string | null;
  port: number | null;
  method: string | null;
  /** Unix epoch milliseconds; times without a zone are read as UTC. */
  timeMs: number | null;
  /** Logins this line stands for: at least 1 for `failure` and `success`, else 0. */
  attempts: number;
  /** Syslog host name, and process id as written. */
  host: string;
  pid: string;
  /** The line counts as a failure when no other line counts the same attempt. */
  claim: Claim | null;
  /** How many attempts the claim is about. */
  claimed: number;
  /** What wrote the claim (a PAM module), so that two of them about one attempt are told apart. */
  claimant: string;
  /** The connection begins, or ends, with this line. */
  opens: boolean;
  ends: boolean;
  /** The claim is not decided yet. */
  isOpen: boolean;
  /** A probe by its text, unless its connection was let in. */
  mayEndSession: boolean;
}

export function newRecord(kind: SshKind): SshRecord {
  return {
    kind,
    user: null,
    source: null,
    port: null,
    method: null,
    timeMs: null,
    attempts: 0,
    host: "",
    pid: "",
    claim: null,
    claimed: 0,
    claimant: "",
    opens: false,
    ends: false,
    isOpen: false,
    mayEndSession: false,
  };
}

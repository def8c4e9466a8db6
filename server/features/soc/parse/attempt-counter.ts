/**
 * Counts each failed login once although several lines tell of it.
 *
 * The rule: a line with the server's own result ("Failed password for ...", dropbear's "Bad password attempt ...") is the
 * count; "message repeated N times" counts N. Lines that come with it ("Invalid user", "User ... not allowed", "error: PAM:",
 * "pam_unix(sshd:auth): authentication failure", "PAM N more authentication failures") are `other`. Where no such result
 * follows (servers that take only keys, logs that hold only PAM's lines), the line itself is the failure: it is held back
 * until its connection ends, a login succeeds, or LoginGraceTime has passed.
 */
import type { SshRecord } from "./record.ts";

/** LoginGraceTime of sshd_config: no result can come later. */
const GRACE_MS = 120_000;
/** PAM's delay after a failure is at most a few seconds; its line may carry another process id. */
const PAM_WINDOW_MS = 15_000;
/** Lines held back at most, and connections remembered at most: bounds of memory. */
const MAX_HELD = 20_000;
const MAX_CONNECTIONS = 8_192;

interface Connection {
  /** Outcomes that the server itself wrote down: nothing behind them counts again. */
  results: number;
  /** Somebody tried and did not get in. */
  failed: boolean;
  accepted: boolean;
  /** Held back: counts when nothing else does. */
  claim: SshRecord | null;
}

export interface CounterOptions {
  /** Each record exactly once, when its kind is final. */
  readonly onRecord: (record: SshRecord) => void;
  /** `lines`: in the order they came (files); `at-once`: only undecided ones are held back (live). */
  readonly order: "lines" | "at-once";
}

export class AttemptCounter {
  readonly #options: CounterOptions;
  readonly #connections = new Map<string, Connection>();
  /** Undecided claims, oldest first. */
  readonly #open = new Set<SshRecord>();
  /** Those of PAM by source. */
  readonly #openPam = new Map<string | null, Set<SshRecord>>();
  #held: SshRecord[] = [];
  #heldAt = 0;
  /** For "last message repeated N times". */
  #last: SshRecord | null = null;

  constructor(options: CounterOptions) {
    this.#options = options;
  }

  push(record: SshRecord): void {
    if (this.#open.size > 0) this.#expire(record.timeMs);
    if (record.claim !== null || record.kind !== "other") this.#weigh(record);
    else if (record.claimed > 0) this.#repeatLast(record);
    this.#last = record;
    this.#hold(record);
  }

  /** Decides all that is open: the log ends here. */
  flush(): void {
    for (const record of this.#open) this.#close(record, true);
    this.#release();
  }

  #weigh(record: SshRecord): void {
    const { kind, claim } = record;
    if (claim === null && kind !== "failure" && kind !== "success" && !record.ends) return;
    const connection = this.#connectionOf(record);
    if (claim === "trail") weighTrail(record, connection);
    else if (claim !== null) this.#weighClaim(record, connection);
    else if (kind === "failure" || kind === "success") this.#weighResult(record, connection);
    else this.#end(record, connection);
  }

  #weighResult(record: SshRecord, connection: Connection): void {
    if (connection.claim === null) this.#absorbPam(record);
    else this.#close(connection.claim, false);
    connection.results += 1;
    if (record.kind === "success") connection.accepted = true;
    else connection.failed = true;
  }

  #weighClaim(record: SshRecord, connection: Connection): void {
    const before = connection.claim;
    if (before !== null) {
      const isAnother = before.claimant !== "" && before.claimant === record.claimant;
      // Both are about one attempt: the later one goes on with what the earlier one knows.
      if (!isAnother) inherit(record, before);
      this.#close(before, isAnother);
    }
    if (record.claimant === "sshd") this.#absorbPam(record);
    connection.claim = record;
    connection.failed = true;
    this.#open.add(record);
    if (record.claim === "pam") this.#pamOf(record.source).add(record);
  }

  /** PAM may ask in a process of its own: its line then belongs to the result of the same source. */
  #absorbPam(result: SshRecord): void {
    const candidates = this.#openPam.get(result.source);
    if (candidates === undefined) return;
    for (const open of candidates) {
      const ageMs = (result.timeMs ?? 0) - (open.timeMs ?? 0);
      if (ageMs <= PAM_WINDOW_MS) {
        this.#close(open, false);
        return;
      }
    }
  }

  #pamOf(source: string | null): Set<SshRecord> {
    const known = this.#openPam.get(source);
    if (known !== undefined) return known;
    const fresh = new Set<SshRecord>();
    this.#openPam.set(source, fresh);
    return fresh;
  }

  /** Logs of before 2012 do not say [preauth]: the connection knows whether anybody got in. */
  #end(record: SshRecord, connection: Connection): void {
    if (record.kind === "session" && !connection.accepted && connection.failed) record.kind = "probe";
    if (connection.claim !== null) this.#close(connection.claim, true);
  }

  /** Decides an open claim. */
  #close(record: SshRecord, counts: boolean): void {
    if (!this.#open.delete(record)) return;
    if (record.claim === "pam") this.#closePam(record);
    const connection = this.#connections.get(keyOf(record));
    if (connection?.claim === record) {
      connection.claim = null;
      if (!counts) connection.results += 1;
    }
    if (counts) settle(record);
    if (this.#options.order === "at-once") this.#options.onRecord(record);
  }

  #closePam(record: SshRecord): void {
    const candidates = this.#openPam.get(record.source);
    candidates?.delete(record);
    if (candidates?.size === 0) this.#openPam.delete(record.source);
  }

  #expire(nowMs: number | null): void {
    for (const record of this.#open) {
      const ageMs = nowMs === null || record.timeMs === null ? 0 : nowMs - record.timeMs;
      if (ageMs <= GRACE_MS && this.#open.size <= MAX_HELD) return;
      this.#close(record, true);
    }
  }

  #repeatLast(record: SshRecord): void {
    const last = this.#last;
    if (last === null || last.kind !== "failure" || last.host !== record.host) return;
    record.kind = "failure";
    record.attempts = record.claimed;
    record.user = last.user;
    record.source = last.source;
    record.port = last.port;
    record.method = last.method;
  }

  #connectionOf(record: SshRecord): Connection {
    const key = keyOf(record);
    const known = this.#connections.get(key);
    if (known !== undefined) return known;
    const connection: Connection = { results: 0, failed: false, accepted: false, claim: null };
    if (this.#connections.size >= MAX_CONNECTIONS) this.#dropOldest();
    this.#connections.set(key, connection);
    return connection;
  }

  #dropOldest(): void {
    for (const key of this.#connections.keys()) {
      this.#connections.delete(key);
      return;
    }
  }

  #hold(record: SshRecord): void {
    const { order, onRecord } = this.#options;
    if (order === "at-once") {
      if (!this.#open.has(record)) onRecord(record);
      return;
    }
    if (this.#heldAt === this.#held.length && !this.#open.has(record)) {
      onRecord(record);
      return;
    }
    this.#held.push(record);
    if (this.#held.length - this.#heldAt > MAX_HELD) this.#giveUpOldest();
    this.#release();
  }

  #giveUpOldest(): void {
    const oldest = this.#held[this.#heldAt];
    if (oldest !== undefined) this.#close(oldest, true);
  }

  #release(): void {
    for (let next = this.#held[this.#heldAt]; next !== undefined; next = this.#held[this.#heldAt]) {
      if (this.#open.has(next)) break;
      this.#heldAt += 1;
      this.#options.onRecord(next);
    }
    if (this.#heldAt > 1_024 && this.#heldAt * 2 > this.#held.length) {
      this.#held = this.#held.slice(this.#heldAt);
      this.#heldAt = 0;
    }
  }
}

/** A process id belongs to one connection of one host; bare messages have only their peer. */
function keyOf(record: SshRecord): string {
  return record.pid === "" ? `${record.source} ${record.port}` : `${record.host} ${record.pid}`;
}

function settle(record: SshRecord): void {
  record.kind = "failure";
  record.attempts = record.claimed;
}

/** "PAM N more" and "Access denied" come behind the results; where there was none, they are all that tells of it. */
function weighTrail(record: SshRecord, connection: Connection): void {
  if (connection.results > 0) return;
  if (connection.claim !== null) inherit(record, connection.claim);
  connection.failed = true;
  settle(record);
}

function inherit(record: SshRecord, before: SshRecord): void {
  record.user ??= before.user;
  record.source ??= before.source;
  record.port ??= before.port;
}

/**
 * Counts each failed login once although several lines tell of it.
 *
 * The rule: a line with the server's own result ("Failed password for ...", dropbear's "Bad password attempt ...") is the
 * count; "message repeated N times" counts N. Lines that come with it ("Invalid user", "User ... not allowed", "error: PAM:",
 * "pam_unix(sshd:auth): authentication failure", "PAM N more authentication failures") are `other`. A line that no result
 * follows is held back until its connection ends, a login succeeds, or LoginGraceTime has passed. Then
 * - "error: PAM:" is a failure: OpenSSH leaves out the result of a first keyboard-interactive attempt at LogLevel INFO;
 * - "Invalid user", "not allowed" and PAM's own lines are a failure on hosts that write no results of passwords (servers
 *   that take only keys, logs that hold only PAM's lines); on the others, where an attempt would have had its result,
 *   a name without an attempt is a `probe`, and PAM's line stays `other`.
 */
import { type Connection, ConnectionMemory, fillPeer } from "./connection-memory.ts";
import type { SshRecord } from "./record.ts";
import { RecordQueue } from "./record-queue.ts";

/** LoginGraceTime of sshd_config: no result can come later. */
const GRACE_MS = 120_000;
/** PAM's delay after a failure is at most a few seconds; its line may carry another process id. */
const PAM_WINDOW_MS = 15_000;
/** Lines held back at most: a bound of memory. */
const MAX_HELD = 20_000;
/** Claims of one source that are looked at for one result. */
const MAX_CANDIDATES = 64;
const MAX_HOSTS = 4_096;
/** Methods whose results a server may leave out at its usual LogLevel. */
const quietMethods: ReadonlySet<string | null> = new Set(["publickey", "hostbased", null]);

export interface CounterOptions {
  /** Each record exactly once, when its kind is final. */
  readonly onRecord: (record: SshRecord) => void;
  /** `lines`: in the order they came (files); `at-once`: only undecided ones are held back (live). */
  readonly order: "lines" | "at-once";
}

export class AttemptCounter {
  readonly #options: CounterOptions;
  readonly #connections = new ConnectionMemory();
  /** Claims, oldest first; those that are decided meanwhile are skipped. */
  readonly #claims = new RecordQueue();
  #openCount = 0;
  /** Those that a result of the same source may be about. */
  readonly #claimsBySource = new Map<string | null, RecordQueue>();
  /** Hosts whose log has results of passwords. */
  readonly #tellingHosts = new Set<string>();
  #lastTelling: string | null = null;
  /** Lines behind an undecided one, where the order is kept. */
  readonly #held = new RecordQueue();
  /** For "last message repeated N times". */
  #last: SshRecord | null = null;

  constructor(options: CounterOptions) {
    this.#options = options;
  }

  /** Learns from a record what its host writes, ahead of `push`: files are better judged with their first part known. */
  learn(record: SshRecord): void {
    if (record.attempts === 0 || record.host === this.#lastTelling || quietMethods.has(record.method)) return;
    this.#lastTelling = record.host;
    if (this.#tellingHosts.size < MAX_HOSTS) this.#tellingHosts.add(record.host);
  }

  push(record: SshRecord): void {
    if (this.#openCount > 0) this.#expire(record.timeMs);
    this.learn(record);
    if (record.claim !== null || record.kind !== "other" || record.opens) this.#weigh(record);
    else if (record.claimed > 0) this.#repeatLast(record);
    this.#last = record;
    this.#hold(record);
  }

  /** Decides all that is open: the log ends here. */
  flush(): void {
    for (let claim = this.#oldestClaim(); claim !== null; claim = this.#oldestClaim())
      this.#close(claim, true);
    this.#release();
  }

  #weigh(record: SshRecord): void {
    const { kind, claim } = record;
    if (kind === "session" && !record.ends) return;
    const mustKnow = claim !== null || record.attempts > 0 || record.opens;
    const connection = mustKnow ? this.#connections.of(record) : this.#connections.find(record);
    // An end or a probe of a connection that nothing is known of.
    if (connection === null) return;
    fillPeer(record, connection);
    if (claim === "trail") weighTrail(record, connection);
    else if (claim !== null) this.#weighClaim(record, connection);
    else if (kind === "failure" || kind === "success") this.#weighResult(record, connection);
    else if (record.ends) this.#end(record, connection);
  }

  #weighResult(record: SshRecord, connection: Connection): void {
    const { claim } = connection;
    if (claim !== null) this.#close(claim, false);
    if (claim === null || record.pid === "") this.#absorbPam(record);
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
    record.isOpen = true;
    this.#openCount += 1;
    this.#claims.push(record);
    if (record.claim === "pam" || record.pid === "") this.#rememberSource(record);
  }

  /** PAM may ask in a process of its own: its line then belongs to the result of the same source. */
  #absorbPam(result: SshRecord): void {
    if (this.#claimsBySource.size === 0) return;
    const queue = this.#claimsBySource.get(result.source);
    if (queue === undefined) return;
    const oldestMs = (result.timeMs ?? 0) - PAM_WINDOW_MS;
    queue.dropWhile((claim) => !claim.isOpen || (claim.timeMs ?? 0) < oldestMs);
    if (queue.length === 0) this.#claimsBySource.delete(result.source);
    const claim = queue.find(MAX_CANDIDATES, ({ isOpen, user }) => {
      return isOpen && (user === null || result.user === null || user === result.user);
    });
    if (claim !== null) this.#close(claim, false);
  }

  #rememberSource(claim: SshRecord): void {
    let queue = this.#claimsBySource.get(claim.source);
    if (queue === undefined) {
      if (this.#claimsBySource.size >= MAX_HELD) this.#claimsBySource.clear();
      queue = new RecordQueue();
      this.#claimsBySource.set(claim.source, queue);
    }
    queue.dropWhile(({ isOpen }) => !isOpen);
    queue.push(claim);
  }

  /** Logs of before 2012 do not say [preauth]: the connection knows whether anybody got in. */
  #end(record: SshRecord, connection: Connection): void {
    if (record.kind === "session" && !connection.accepted && connection.failed) record.kind = "probe";
    if (record.kind === "probe" && connection.accepted && record.mayEndSession) record.kind = "session";
    if (connection.claim !== null) this.#close(connection.claim, true);
    connection.source = null;
    connection.port = null;
  }

  /** Decides an open claim. */
  #close(record: SshRecord, counts: boolean): void {
    if (!record.isOpen) return;
    record.isOpen = false;
    this.#openCount -= 1;
    const connection = this.#connections.find(record);
    if (connection?.claim === record) {
      connection.claim = null;
      if (!counts) connection.results += 1;
    }
    if (counts) this.#settle(record);
    if (this.#options.order === "at-once") this.#options.onRecord(record);
  }

  /** Nothing told of the attempt's result. */
  #settle(record: SshRecord): void {
    const isTold = record.claimant !== "sshd" && this.#tellingHosts.has(record.host);
    if (!isTold) settle(record);
    else if (record.claim === "lead") record.kind = "probe";
  }

  #oldestClaim(): SshRecord | null {
    this.#claims.dropWhile(({ isOpen }) => !isOpen);
    return this.#claims.first;
  }

  #expire(nowMs: number | null): void {
    for (let claim = this.#oldestClaim(); claim !== null; claim = this.#oldestClaim()) {
      const ageMs = nowMs === null || claim.timeMs === null ? 0 : nowMs - claim.timeMs;
      if (ageMs <= GRACE_MS && this.#openCount <= MAX_HELD) return;
      this.#close(claim, true);
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

  #hold(record: SshRecord): void {
    const { order, onRecord } = this.#options;
    if (order === "at-once" || (this.#held.length === 0 && !record.isOpen)) {
      if (!record.isOpen) onRecord(record);
      return;
    }
    this.#held.push(record);
    const oldest = this.#held.first;
    if (this.#held.length > MAX_HELD && oldest !== null) this.#close(oldest, true);
    this.#release();
  }

  #release(): void {
    this.#held.dropWhile((record) => {
      if (!record.isOpen) this.#options.onRecord(record);
      return !record.isOpen;
    });
  }
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

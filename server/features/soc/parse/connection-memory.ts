/** What is known of the connections whose lines came last, by process id; bounded. */
import type { SshRecord } from "./record.ts";

/** Of each of the two generations. */
const MAX_CONNECTIONS = 8_192;

/** Linux: `kernel.pid_max` is at most 2^22. */
const MAX_PID = 4_194_304;
/** Further hosts share a number. */
const MAX_HOSTS = 4_096;

export interface Connection {
  /** Outcomes that the server itself wrote down: nothing behind them counts again. */
  results: number;
  /** Somebody tried and did not get in. */
  failed: boolean;
  accepted: boolean;
  /** For lines of the same process that name no address. */
  source: string | null;
  port: number | null;
  /** Held back: counts when nothing else does. */
  claim: SshRecord | null;
}

export class ConnectionMemory {
  /** When the young generation is full it becomes the old one, and what nobody asked for is forgotten. */
  #young = new Map<number | string, Connection>();
  #old = new Map<number | string, Connection>();

  readonly #hosts = new Map<string, number>();
  #lastHost = "";
  #lastIndex = 0;

  of(record: SshRecord): Connection {
    const key = this.#keyOf(record);
    const known = this.#find(key);
    if (known !== null) return known;
    const connection: Connection = {
      results: 0,
      failed: false,
      accepted: false,
      source: null,
      port: null,
      claim: null,
    };
    this.#young.set(key, connection);
    return connection;
  }

  find(record: SshRecord): Connection | null {
    return this.#find(this.#keyOf(record));
  }

  #find(key: number | string): Connection | null {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    if (this.#young.size >= MAX_CONNECTIONS) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    const old = this.#old.get(key);
    if (old === undefined) return null;
    this.#young.set(key, old);
    return old;
  }

  /** A process id belongs to one connection of one host; bare messages have only their peer. Numbers, for they are fast. */
  #keyOf(record: SshRecord): number | string {
    const { pid, host } = record;
    if (pid === "") return `${record.source} ${record.port}`;
    const id = Number(pid);
    if (!(id >= 0 && id < MAX_PID)) return `${host} ${pid}`;
    if (host !== this.#lastHost) {
      this.#lastIndex = this.#indexOf(host);
      this.#lastHost = host;
    }
    return this.#lastIndex * MAX_PID + id;
  }

  #indexOf(host: string): number {
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    if (this.#hosts.size >= MAX_HOSTS) return 0;
    this.#hosts.set(host, this.#hosts.size + 1);
    return this.#hosts.size;
  }
}

/** Remembers who is at the other end, and says it where the line does not. */
export function fillPeer(record: SshRecord, connection: Connection): void {
  if (record.pid === "") return;
  if (record.source === null) {
    record.source = connection.source;
    record.port ??= connection.port;
  } else if (record.opens || record.claim !== null || record.kind === "failure") {
    connection.source = record.source;
    connection.port = record.port ?? connection.port;
  }
}

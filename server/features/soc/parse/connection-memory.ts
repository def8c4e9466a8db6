/** What is known of the connections whose lines came last, by process id; bounded. */
import type { SshRecord } from "./record.ts";

/** Of each of the two generations. */
const MAX_CONNECTIONS = 8_192;

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
  #young = new Map<string, Connection>();
  #old = new Map<string, Connection>();

  of(record: SshRecord): Connection {
    const known = this.find(record);
    if (known !== null) return known;
    const connection: Connection = {
      results: 0,
      failed: false,
      accepted: false,
      source: null,
      port: null,
      claim: null,
    };
    this.#young.set(keyOf(record), connection);
    return connection;
  }

  find(record: SshRecord): Connection | null {
    const key = keyOf(record);
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
}

/** A process id belongs to one connection of one host; bare messages have only their peer. */
function keyOf(record: SshRecord): string {
  return record.pid === "" ? `${record.source} ${record.port}` : `${record.host} ${record.pid}`;
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

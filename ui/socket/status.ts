/** What a page may say about the connection. */
import type { CloseName } from "#protocol";

/**
 * `idle` - never connected; `connecting` - a socket is being opened; `online` - the server said hello;
 * `offline` - waiting for the next try; `closed` - ended by `close()` or for a reason that a new try cannot mend.
 */
export type ClientPhase = "idle" | "connecting" | "online" | "offline" | "closed";

export interface ClientStatus {
  readonly phase: ClientPhase;
  /** Round trip of the newest ping. */
  readonly latencyMs: number | null;
  /** When the next try starts; only while `offline`. */
  readonly retryAtMs: number | null;
  /** Why the server ended the last socket, when it said so. */
  readonly closedBy: CloseName | null;
  /** When this phase began. */
  readonly sinceMs: number;
}

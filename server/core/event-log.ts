/** Where features say what happened. Implemented by features/events. */
import type { EventType, Severity, UserId, VmId } from "#protocol";

export interface NewEvent {
  readonly type: EventType;
  readonly severity: Severity;
  /** A stable word with dots, e.g. `credits.low`. */
  readonly name: string;
  /** One sentence for a person. */
  readonly message: string;
  /** Whose feed it belongs in; null for the host's own, which administrators see. */
  readonly ownerId: UserId | null;
  readonly actor?: { readonly id: UserId; readonly name: string } | null;
  readonly vm?: { readonly id: VmId; readonly name: string } | null;
  readonly targetName?: string;
  readonly remoteAddress?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface EventLog {
  /** Stores and publishes it. Call it after the transaction of what it tells, and never from a read. Never throws. */
  record(event: NewEvent): void;
}

export interface AuditRecord {
  readonly actor: { readonly id: UserId; readonly name: string };
  readonly action: string;
  readonly input: unknown;
  /** `ok` or an error code. */
  readonly outcome: string;
  readonly remoteAddress: string;
}

/** Told of every `admin` command that writes, and of every command by which an administrator acts on somebody else's things. */
export interface AuditSink {
  record(entry: AuditRecord): void;
}

/** Where features say what happened. Implemented by features/events. */
import type { CommandName, EventType, Role, Severity, UserId, VmId } from "#protocol";

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

/** A command about to run that the audit log may want to know of. */
export interface AuditAttempt {
  readonly actor: { readonly id: UserId; readonly name: string; readonly role: Role };
  readonly action: CommandName;
  /** As it came, not yet checked. */
  readonly input: unknown;
  readonly remoteAddress: string;
}

/** Told of every command that only administrators may give or that an administrator gives to change something. */
export interface AuditSink {
  /**
   * Before it runs, as its target may be gone afterwards. Gives what to call with the outcome, `ok` or an error code;
   * null when the log does not keep such a command. Neither throws.
   */
  begin(attempt: AuditAttempt): ((outcome: string) => void) | null;
}

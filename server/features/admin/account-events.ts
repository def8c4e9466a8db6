/** What an administrator did to an account, as an event in the feed of its user. */
import type { Severity, UserId } from "#protocol";
import type { Caller, Session } from "../../core/caller.ts";
import type { AdminCommandDeps } from "./command-deps.ts";

export interface AccountEvent {
  readonly userId: UserId;
  readonly username: string;
  readonly name: string;
  readonly severity?: Severity;
  /** Ends with who did it. */
  readonly message: string;
}

export function tellOfAccount(
  { events }: Pick<AdminCommandDeps, "events">,
  { session, remoteAddress }: Caller<Session>,
  { userId, username, name, severity = "info", message }: AccountEvent,
): void {
  events.record({
    ...{ type: "admin", severity, name },
    message: `${message} by ${session.username}`,
    ownerId: userId,
    actor: { id: session.userId, name: session.username },
    targetName: username,
    remoteAddress,
  });
}

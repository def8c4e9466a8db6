/** Tells the owner of an account what happened to what guards it. */
import type { Severity, UserId } from "#protocol";
import type { Caller } from "../../core/caller.ts";
import type { AuthDeps } from "./deps.ts";

export interface AccountNotice {
  readonly userId: UserId;
  readonly username: string;
  /** A stable word, e.g. `account.password.changed`. */
  readonly name: string;
  readonly message: string;
  readonly severity?: Severity;
}

/** Call it after the transaction. */
export function tellOwner(notice: AccountNotice, { remoteAddress }: Caller, { events }: AuthDeps): void {
  const { userId, username, name, message, severity = "info" } = notice;
  const actor = { id: userId, name: username };
  events.record({ type: "security", severity, name, message, ownerId: userId, actor, remoteAddress });
}

/** Switches an account on or off. Off means now: its sessions are revoked and its open sockets closed. */
import type { UserId } from "#protocol";
import { AppError } from "../../core/errors.ts";
import type { AuthDeps } from "./deps.ts";

export function setUserActive(userId: UserId, active: boolean, deps: AuthDeps): void {
  deps.tx(() => {
    if (deps.users.update(userId, { active }) === null) throw new AppError("not_found", "No such user");
    if (active) deps.sessions.forget(userId);
    else deps.sessions.revokeAllOf(userId);
  });
  if (!active) deps.bus.endSessions({ kind: "user", userId });
}

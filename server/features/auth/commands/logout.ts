/** `auth.logout`: revokes the session; its sockets are closed at once. */
import { defineCommand } from "../../../core/command.ts";
import type { AuthDeps } from "../deps.ts";

export const logout = defineCommand("auth.logout", (_input, { session }, deps: AuthDeps) => {
  deps.sessions.revoke(session.sessionId);
  deps.bus.endSessions({ kind: "session", sessionId: session.sessionId });
  deps.log.info({ event: "auth.logout", userId: session.userId });
  return {};
});

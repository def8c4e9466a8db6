/** `session.*`: where one is logged in, and how to end that. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import type { AuthDeps } from "../deps.ts";

export const listSessions = defineCommand("session.list", (_input, { session }, deps: AuthDeps) => ({
  // The id is the `jti` of the token. Shown to its owner it opens nothing: a token counts by its signature.
  sessions: deps.sessions
    .liveOf(session.userId, deps.clock.now())
    .map(({ id, remoteAddress, userAgent, createdAtMs, expiresAtMs }) => ({
      id,
      remoteAddress,
      userAgent,
      createdAtMs,
      expiresAtMs,
      current: id === session.sessionId,
    })),
}));

export const revokeSession = defineCommand("session.revoke", ({ sessionId }, { session }, deps: AuthDeps) => {
  const isMine = deps.sessions.findLive(sessionId)?.userId === session.userId;
  // The same answer for a session of somebody else: ids cannot be probed.
  if (!isMine) throw new AppError("not_found", "There is no such session");
  if (sessionId === session.sessionId)
    throw new AppError("conflict", "This is the session you are using; log out instead");
  deps.sessions.revoke(sessionId);
  deps.bus.endSessions({ kind: "session", sessionId });
  return {};
});

export const revokeOtherSessions = defineCommand(
  "session.revokeOthers",
  (_input, { session }, deps: AuthDeps) => {
    const others = deps.tx(() => {
      const live = deps.sessions.liveOf(session.userId, deps.clock.now());
      const ended = live.filter(({ id }) => id !== session.sessionId);
      for (const { id } of ended) deps.sessions.revoke(id);
      return ended;
    });
    for (const { id } of others) deps.bus.endSessions({ kind: "session", sessionId: id });
    return { ended: others.length };
  },
);

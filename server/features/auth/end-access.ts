/** Ends every way in that a user has open: sessions and API tokens. */
import type { UserId } from "#protocol";
import type { AuthDeps } from "./deps.ts";

/** Call it inside a transaction, and end the sockets after it. Gives how many live sessions ended. */
export function endAccess(userId: UserId, { sessions, apiTokens, clock }: AuthDeps): number {
  const live = sessions.liveOf(userId, clock.now()).length;
  sessions.revokeAllOf(userId);
  apiTokens.revokeAllOf(userId);
  return live;
}

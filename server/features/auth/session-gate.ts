/** Turns tokens into sessions for the gateway: the token only names a session, the table says what it may do. */
import type { SessionGate } from "../../core/ports.ts";
import type { SessionRepo } from "./session-repo.ts";
import type { TokenSigner } from "./token-signer.ts";

export function createSessionGate(tokens: TokenSigner, sessions: SessionRepo): SessionGate {
  return {
    async open(token) {
      const claims = await tokens.verify(token);
      if (claims === null) return null;
      const session = sessions.findLive(claims.sessionId);
      return session !== null && session.userId === claims.userId ? session : null;
    },
    current: (sessionId) => sessions.findLive(sessionId),
  };
}

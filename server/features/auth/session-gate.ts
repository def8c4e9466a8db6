/** Turns tokens into sessions for the gateway: the token only names a session, the table says what it may do. */
import type { SessionGate } from "../../core/ports.ts";
import type { ApiTokenRepo } from "./api-token-repo.ts";
import { apiTokenHash, isApiToken } from "./api-token.ts";
import type { SessionRepo } from "./session-repo.ts";
import type { TokenSigner } from "./token-signer.ts";

export function createSessionGate(
  tokens: TokenSigner,
  sessions: SessionRepo,
  apiTokens: ApiTokenRepo,
): SessionGate {
  return {
    async open(token) {
      if (isApiToken(token)) return apiTokens.openByHash(apiTokenHash(token));
      const claims = await tokens.verify(token);
      if (claims === null) return null;
      const session = sessions.findLive(claims.sessionId);
      return session !== null && session.userId === claims.userId ? session : null;
    },
    current: (sessionId) => apiTokens.findLive(sessionId) ?? sessions.findLive(sessionId),
  };
}

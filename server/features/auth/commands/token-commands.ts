/** `token.*`: API tokens of scripts and the command line. */
import { defineCommand } from "../../../core/command.ts";
import { DAY_MS } from "../../../core/daily.ts";
import { AppError } from "../../../core/errors.ts";
import { tellOwner } from "../account-events.ts";
import { tokenSessionId } from "../api-token-repo.ts";
import { makeApiToken } from "../api-token.ts";
import type { AuthDeps } from "../deps.ts";

/** One for every script and machine of a person; more is a leak or a loop. */
const MAX_TOKENS = 50;

export const listTokens = defineCommand("token.list", (_input, { session }, deps: AuthDeps) => ({
  tokens: deps.apiTokens.liveOf(session.userId, deps.clock.now()),
}));

export const createToken = defineCommand(
  "token.create",
  ({ name, scope, expiresInDays }, caller, deps: AuthDeps) => {
    const { userId, username } = caller.session;
    const { secret, prefix, hash } = makeApiToken();
    const createdAtMs = deps.clock.now();
    const token = deps.tx(() => {
      if (deps.apiTokens.liveOf(userId, createdAtMs).length >= MAX_TOKENS)
        throw new AppError("conflict", `You have ${MAX_TOKENS} API tokens; revoke one first`);
      const expiresAtMs = createdAtMs + expiresInDays * DAY_MS;
      return deps.apiTokens.add({ userId, name, scope, prefix, hash, createdAtMs, expiresAtMs });
    });
    const message = `The API token ${name} (${scope}) was made`;
    tellOwner({ userId, username, name: "account.token.created", message }, caller, deps);
    return { token, secret };
  },
);

export const revokeToken = defineCommand("token.revoke", ({ apiTokenId }, caller, deps: AuthDeps) => {
  const { userId, username } = caller.session;
  if (!deps.apiTokens.revoke(userId, apiTokenId))
    throw new AppError("not_found", "There is no such API token");
  deps.bus.endSessions({ kind: "session", sessionId: tokenSessionId(apiTokenId) });
  const message = `The API token ${apiTokenId} was revoked`;
  tellOwner({ userId, username, name: "account.token.revoked", message }, caller, deps);
  return {};
});

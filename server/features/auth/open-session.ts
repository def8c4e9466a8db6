/** The last step of every way in: a session row, and the token that names it. */
import type { LoginResult } from "#protocol";
import type { Caller } from "../../core/caller.ts";
import type { AuthDeps } from "./deps.ts";
import { toUserView, type UserRow } from "./user-repo.ts";

/** Browsers send long ones; enough to tell two browsers apart in a list. */
const MAX_USER_AGENT = 256;

export interface OpenedSession {
  readonly sessionId: string;
  readonly user: UserRow;
  readonly expiresAtMs: number;
}

/** Call it inside the transaction that decided that `user` may come in. */
export function addSession(user: UserRow, caller: Caller, deps: AuthDeps): OpenedSession {
  const createdAtMs = deps.clock.now();
  const opened = { sessionId: crypto.randomUUID(), user, expiresAtMs: createdAtMs + deps.sessionLifetimeMs };
  deps.sessions.add({
    id: opened.sessionId,
    userId: user.id,
    remoteAddress: caller.remoteAddress,
    userAgent: caller.userAgent.slice(0, MAX_USER_AGENT),
    createdAtMs,
    expiresAtMs: opened.expiresAtMs,
  });
  deps.users.update(user.id, { lastLoginAtMs: createdAtMs });
  return opened;
}

export async function toLoginResult(opened: OpenedSession, deps: AuthDeps): Promise<LoginResult> {
  const { sessionId, user, expiresAtMs } = opened;
  return {
    access_token: await deps.tokens.sign({ sessionId, userId: user.id }, expiresAtMs),
    token_type: "bearer",
    expires_in: Math.max(1, Math.floor((expiresAtMs - deps.clock.now()) / 1000)),
    user: toUserView(user),
  };
}

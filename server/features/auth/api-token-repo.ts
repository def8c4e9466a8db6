/** API tokens: known by their hash alone; a map in front answers the check that every message needs. */
import { and, desc, eq, gt, isNull, lt, type SQL } from "drizzle-orm";
import { type ApiTokenId, apiTokenId, type ApiTokenView, type UserId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { apiTokens, users } from "../../../db/schema/index.ts";
import type { Session } from "../../core/caller.ts";
import type { Clock } from "../../core/clock.ts";

/** A token that is used a thousand times a second is written once a minute. */
const NOTE_USE_EVERY_MS = 60_000;
/** What a session of an API token is called; ids of log-ins are UUIDs and have no colon. */
const TOKEN_SESSION = /^token:(\d{1,15})$/;
/** Far more than are in use at once; the one read longest ago is read from the table again. */
const CACHED_TOKENS = 10_000;

export interface NewApiToken {
  readonly userId: UserId;
  readonly name: string;
  readonly scope: "read" | "write";
  readonly prefix: string;
  readonly hash: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export interface ApiTokenRepo {
  add(token: NewApiToken): ApiTokenView;
  /** Those that still work, newest first. */
  liveOf(userId: UserId, nowMs: number): ApiTokenView[];
  /** The session of a live token; notes that it was used. */
  openByHash(hash: string): Session | null;
  /** The same session as of now; null for ids of log-ins too. */
  findLive(sessionId: string): Session | null;
  /** False when the user has no such live token. */
  revoke(userId: UserId, id: ApiTokenId): boolean;
  /** Gives how many. */
  revokeAllOf(userId: UserId): number;
  /** Call after a change of a user's name, role, activity or expiry. */
  forget(userId: UserId): void;
  /** Removes what expired before; gives how many. */
  removeExpired(beforeMs: number): number;
}

export const tokenSessionId = (id: ApiTokenId) => `token:${id}`;

const viewColumns = {
  id: apiTokens.id,
  name: apiTokens.name,
  scope: apiTokens.scope,
  prefix: apiTokens.prefix,
  createdAtMs: apiTokens.createdAtMs,
  expiresAtMs: apiTokens.expiresAtMs,
  lastUsedAtMs: apiTokens.lastUsedAtMs,
};

export function createApiTokenRepo({ orm }: Db, clock: Clock): ApiTokenRepo {
  const cache = new Map<string, Session>();

  function read(wanted: SQL): { readonly session: Session; readonly lastUsedAtMs: number | null } | null {
    const row = orm
      .select({
        id: apiTokens.id,
        scope: apiTokens.scope,
        tokenExpiresAtMs: apiTokens.expiresAtMs,
        lastUsedAtMs: apiTokens.lastUsedAtMs,
        userId: users.id,
        username: users.username,
        role: users.role,
        mustChangePassword: users.mustChangePassword,
        userExpiresAtMs: users.expiresAtMs,
      })
      .from(apiTokens)
      .innerJoin(users, eq(users.id, apiTokens.userId))
      .where(and(wanted, isNull(apiTokens.revokedAtMs), eq(users.active, true)))
      .get();
    if (!row) return null;
    const { id, tokenExpiresAtMs, userExpiresAtMs, lastUsedAtMs, ...rest } = row;
    const expiresAtMs = Math.min(tokenExpiresAtMs, userExpiresAtMs ?? Number.POSITIVE_INFINITY);
    return { session: { ...rest, sessionId: tokenSessionId(id), kind: "token", expiresAtMs }, lastUsedAtMs };
  }

  function keep(session: Session): Session | null {
    if (session.expiresAtMs <= clock.now()) {
      cache.delete(session.sessionId);
      return null;
    }
    const oldest = cache.size >= CACHED_TOKENS ? cache.keys().next().value : undefined;
    if (oldest !== undefined) cache.delete(oldest);
    cache.set(session.sessionId, session);
    return session;
  }

  function forget(userId: UserId): void {
    for (const [id, session] of cache) if (session.userId === userId) cache.delete(id);
  }

  function end(which: SQL | undefined): number {
    const change = orm.update(apiTokens).set({ revokedAtMs: clock.now() });
    return change
      .where(and(which, isNull(apiTokens.revokedAtMs)))
      .returning({ id: apiTokens.id })
      .all().length;
  }

  return {
    add: (token) => orm.insert(apiTokens).values(token).returning(viewColumns).get(),
    liveOf: (userId, nowMs) =>
      orm
        .select(viewColumns)
        .from(apiTokens)
        .where(
          and(eq(apiTokens.userId, userId), isNull(apiTokens.revokedAtMs), gt(apiTokens.expiresAtMs, nowMs)),
        )
        .orderBy(desc(apiTokens.id))
        .all(),
    openByHash(hash) {
      const found = read(eq(apiTokens.hash, hash));
      const session = found === null ? null : keep(found.session);
      const nowMs = clock.now();
      if (found !== null && session !== null && nowMs - (found.lastUsedAtMs ?? 0) >= NOTE_USE_EVERY_MS)
        orm.update(apiTokens).set({ lastUsedAtMs: nowMs }).where(eq(apiTokens.hash, hash)).run();
      return session;
    },
    findLive(sessionId) {
      const id = apiTokenId.safeParse(Number(TOKEN_SESSION.exec(sessionId)?.[1]));
      if (!id.success) return null;
      const session = cache.get(sessionId) ?? read(eq(apiTokens.id, id.data))?.session;
      return session === undefined ? null : keep(session);
    },
    revoke(userId, id) {
      cache.delete(tokenSessionId(id));
      return end(and(eq(apiTokens.userId, userId), eq(apiTokens.id, id))) > 0;
    },
    revokeAllOf(userId) {
      forget(userId);
      return end(eq(apiTokens.userId, userId));
    },
    forget,
    removeExpired: (beforeMs) =>
      orm.delete(apiTokens).where(lt(apiTokens.expiresAtMs, beforeMs)).returning({ id: apiTokens.id }).all()
        .length,
  };
}

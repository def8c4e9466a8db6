/** Sessions: the table is the truth, a map in front of it answers the check that every message needs. */
import { and, desc, eq, gt, isNull, lt } from "drizzle-orm";
import type { UserId } from "#protocol";
import type { Session } from "../../core/caller.ts";
import type { Clock } from "../../core/clock.ts";
import type { Db } from "../../../db/client.ts";
import { sessions, users } from "../../../db/schema/index.ts";

/** About 2 MB; the session read longest ago is read from the table again. */
const CACHED_SESSIONS = 10_000;

export interface NewSession {
  readonly id: string;
  readonly userId: UserId;
  readonly remoteAddress: string;
  readonly userAgent: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export type StoredSession = typeof sessions.$inferSelect;

export interface SessionRepo {
  add(session: NewSession): void;
  /** Null once it is revoked, expired, or its user inactive. */
  findLive(sessionId: string): Session | null;
  /** Newest first. */
  liveOf(userId: UserId, nowMs: number): StoredSession[];
  revoke(sessionId: string): void;
  revokeAllOf(userId: UserId): void;
  /** Call after a change of a user's name, role, activity or expiry: rights are read anew. */
  forget(userId: UserId): void;
  /** Removes what expired before; gives how many. */
  removeExpired(beforeMs: number): number;
  /** Whether this account was logged in from that address, as far back as sessions are kept. */
  hasComeFrom(userId: UserId, remoteAddress: string): boolean;
}

export function createSessionRepo({ orm }: Db, clock: Clock): SessionRepo {
  const cache = new Map<string, Session>();

  function readLive(sessionId: string): Session | null {
    const row = orm
      .select({
        sessionId: sessions.id,
        userId: users.id,
        username: users.username,
        role: users.role,
        mustChangePassword: users.mustChangePassword,
        expiresAtMs: sessions.expiresAtMs,
        userExpiresAtMs: users.expiresAtMs,
      })
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .where(and(eq(sessions.id, sessionId), isNull(sessions.revokedAtMs), eq(users.active, true)))
      .get();
    if (!row) return null;
    const { userExpiresAtMs, ...session } = row;
    const expiresAtMs = Math.min(session.expiresAtMs, userExpiresAtMs ?? Number.POSITIVE_INFINITY);
    return { ...session, expiresAtMs, kind: "login", scope: "write" };
  }

  function remember(session: Session): void {
    const oldest = cache.size >= CACHED_SESSIONS ? cache.keys().next().value : undefined;
    if (oldest !== undefined) cache.delete(oldest);
    cache.set(session.sessionId, session);
  }

  function forget(userId: UserId): void {
    for (const [id, session] of cache) if (session.userId === userId) cache.delete(id);
  }

  return {
    add: (session) => void orm.insert(sessions).values(session).run(),
    findLive(sessionId) {
      const session = cache.get(sessionId) ?? readLive(sessionId);
      if (session === null) return null;
      if (session.expiresAtMs <= clock.now()) {
        cache.delete(sessionId);
        return null;
      }
      if (!cache.has(sessionId)) remember(session);
      return session;
    },
    liveOf: (userId, nowMs) =>
      orm
        .select()
        .from(sessions)
        .where(
          and(eq(sessions.userId, userId), isNull(sessions.revokedAtMs), gt(sessions.expiresAtMs, nowMs)),
        )
        .orderBy(desc(sessions.createdAtMs))
        .all(),
    revoke(sessionId) {
      cache.delete(sessionId);
      orm
        .update(sessions)
        .set({ revokedAtMs: clock.now() })
        .where(and(eq(sessions.id, sessionId), isNull(sessions.revokedAtMs)))
        .run();
    },
    revokeAllOf(userId) {
      forget(userId);
      orm
        .update(sessions)
        .set({ revokedAtMs: clock.now() })
        .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAtMs)))
        .run();
    },
    forget,
    removeExpired: (beforeMs) =>
      orm.delete(sessions).where(lt(sessions.expiresAtMs, beforeMs)).returning({ id: sessions.id }).all()
        .length,
    hasComeFrom: (userId, remoteAddress) =>
      orm
        .select({ id: sessions.id })
        .from(sessions)
        .where(and(eq(sessions.userId, userId), eq(sessions.remoteAddress, remoteAddress)))
        .limit(1)
        .get() !== undefined,
  };
}

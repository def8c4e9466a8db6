/** Answers of requests with an Idempotency-Key, kept for a day, sealed because some hold a secret shown once. */
import { and, eq, lt } from "drizzle-orm";
import type { UserId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { idempotencyKeys } from "../../../db/schema/index.ts";
import type { Clock } from "../../core/clock.ts";
import { DAY_MS } from "../../core/daily.ts";
import type { IdempotencyStore } from "../../core/ports.ts";
import type { Vault } from "./vault.ts";

/** As long as clients of payment services are used to. */
const KEEP_MS = DAY_MS;

export interface StoredIdempotency extends IdempotencyStore {
  /** Removes keys older than a day; gives how many. */
  removeOld(nowMs: number): number;
}

export function createIdempotencyStore(db: Db, vault: Vault, clock: Clock): StoredIdempotency {
  const { orm } = db;
  /** Keys whose request runs in this process; a row without an answer that is not here was cut by a crash. */
  const atWork = new Set<string>();
  const requestKeyOf = (key: string, createdAtMs: number) => `${createdAtMs} ${key}`;
  const nameOf = (userId: UserId, key: string) => `${userId} ${key}`;
  const rowOf = (userId: UserId, key: string) =>
    and(eq(idempotencyKeys.userId, userId), eq(idempotencyKeys.key, key));

  return {
    begin: (userId, key, fingerprint) =>
      db.tx(() => {
        const name = nameOf(userId, key);
        const nowMs = clock.now();
        if (!atWork.has(name))
          orm
            .delete(idempotencyKeys)
            .where(and(rowOf(userId, key), lt(idempotencyKeys.createdAtMs, nowMs - KEEP_MS)))
            .run();
        const row = orm.select().from(idempotencyKeys).where(rowOf(userId, key)).get();
        if (row && row.fingerprint !== fingerprint) return { kind: "mismatch" };
        if (atWork.has(name)) return { kind: "busy" };
        if (row && row.status !== null) {
          const body = row.body === null ? null : vault.open(row.body, name);
          // Unreadable after a change of the server's secret: it was answered, and must not run again.
          if (body === null) return { kind: "mismatch" };
          return { kind: "done", status: row.status, body };
        }
        atWork.add(name);
        if (row) return { kind: "interrupted", requestKey: requestKeyOf(key, row.createdAtMs) };
        orm.insert(idempotencyKeys).values({ userId, key, fingerprint, createdAtMs: nowMs }).run();
        return { kind: "new", requestKey: requestKeyOf(key, nowMs) };
      }),
    finish(userId, key, status, body) {
      const name = nameOf(userId, key);
      const answer = { status, body: vault.seal(body, name) };
      orm.update(idempotencyKeys).set(answer).where(rowOf(userId, key)).run();
      atWork.delete(name);
    },
    abandon(userId, key) {
      orm.delete(idempotencyKeys).where(rowOf(userId, key)).run();
      atWork.delete(nameOf(userId, key));
    },
    removeOld: (nowMs) =>
      orm
        .delete(idempotencyKeys)
        .where(lt(idempotencyKeys.createdAtMs, nowMs - KEEP_MS))
        .returning({ key: idempotencyKeys.key })
        .all().length,
  };
}

/** Rows of SSH keys. */
import { and, asc, count, eq } from "drizzle-orm";
import type { SshKeyId, SshKeyView, UserId } from "#protocol";
import type { Db } from "../../../../db/client.ts";
import { sshKeys } from "../../../../db/schema/index.ts";
import { AppError } from "../../../core/errors.ts";
import type { ParsedKey } from "./key-blob.ts";

/** Each goes into every VM of the user; nobody has more machines to log in from. */
const KEYS_PER_USER = 50;

export class SshKeyRepo {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Oldest first. */
  list(userId: UserId): SshKeyView[] {
    const mine = this.#db.orm.select().from(sshKeys).where(eq(sshKeys.userId, userId));
    return mine.orderBy(asc(sshKeys.id)).all().map(viewOf);
  }

  publicKeysOf(userId: UserId): string[] {
    return this.list(userId).map(({ publicKey }) => publicKey);
  }

  add(userId: UserId, name: string, { fingerprint, publicKey }: ParsedKey, nowMs: number): SshKeyView {
    return this.#db.tx(() => {
      const { orm } = this.#db;
      const mine = eq(sshKeys.userId, userId);
      const same = orm
        .select()
        .from(sshKeys)
        .where(and(mine, eq(sshKeys.fingerprint, fingerprint)))
        .get();
      if (same)
        throw new AppError("conflict", `You already have this key, as ${same.name}`, { field: "publicKey" });
      const taken = orm.select({ n: count() }).from(sshKeys).where(mine).get()?.n ?? 0;
      if (taken >= KEYS_PER_USER)
        throw new AppError("conflict", `You have ${taken} SSH keys, which is the most; remove one first`);
      const values = { userId, name, publicKey, fingerprint, createdAtMs: nowMs };
      return viewOf(orm.insert(sshKeys).values(values).returning().get());
    });
  }

  /** Throws `not_found` for an absent key and, with the same words, for one of somebody else. */
  remove(userId: UserId, id: SshKeyId): void {
    const wanted = and(eq(sshKeys.id, id), eq(sshKeys.userId, userId));
    const removed = this.#db.orm.delete(sshKeys).where(wanted).returning({ id: sshKeys.id }).all();
    if (removed.length === 0) throw new AppError("not_found", "No such SSH key");
  }
}

function viewOf({ id, name, publicKey, fingerprint, createdAtMs }: typeof sshKeys.$inferSelect): SshKeyView {
  const [type = ""] = publicKey.split(" ");
  return { id, name, type, fingerprint, publicKey, createdAtMs };
}

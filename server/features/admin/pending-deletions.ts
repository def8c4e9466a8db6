/** Accounts whose deletion waits for their VMs: kept in the database, so that a crash forgets none. */
import { eq, like } from "drizzle-orm";
import { z } from "zod";
import { userId, type UserId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { settings } from "../../../db/schema/index.ts";

const PREFIX = "account.deletion.";

const stored = z.object({
  userId,
  username: z.string(),
  actor: z.object({ id: userId, name: z.string() }),
});
export type PendingDeletion = z.infer<typeof stored>;

export interface PendingDeletions {
  add(pending: PendingDeletion): void;
  has(userId: UserId): boolean;
  remove(userId: UserId): void;
  all(): readonly PendingDeletion[];
}

export function createPendingDeletions({ orm }: Db): PendingDeletions {
  const rows = orm
    .select()
    .from(settings)
    .where(like(settings.key, `${PREFIX}%`))
    .all()
    .map(({ value }) => stored.parse(JSON.parse(value)));
  // Asked at every change of a VM.
  const byUser = new Map(rows.map((row) => [row.userId, row]));
  return {
    add(pending) {
      const values = { key: `${PREFIX}${pending.userId}`, value: JSON.stringify(pending) };
      orm.insert(settings).values(values).onConflictDoNothing().run();
      byUser.set(pending.userId, pending);
    },
    has: (id) => byUser.has(id),
    remove(id) {
      orm
        .delete(settings)
        .where(eq(settings.key, `${PREFIX}${id}`))
        .run();
      byUser.delete(id);
    },
    all: () => [...byUser.values()],
  };
}

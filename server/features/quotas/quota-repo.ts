/** Limits of users: their own over the defaults of the cloud. */
import { eq } from "drizzle-orm";
import type { QuotaLimits, QuotaName, UserId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { quotas, users } from "../../../db/schema/index.ts";
import type { CloudSettingsSource } from "../../core/cloud-settings.ts";

/** Null: back to the default. */
export type QuotaChange = { readonly [name in QuotaName]?: number | null | undefined };

export class QuotaRepo {
  readonly #orm: Db["orm"];
  readonly #settings: CloudSettingsSource;

  constructor({ orm }: Db, settings: CloudSettingsSource) {
    this.#orm = orm;
    this.#settings = settings;
  }

  hasUser(userId: UserId): boolean {
    return this.#orm.select({ id: users.id }).from(users).where(eq(users.id, userId)).get() !== undefined;
  }

  userIds(): UserId[] {
    return this.#orm
      .select({ id: users.id })
      .from(users)
      .where(eq(users.active, true))
      .all()
      .map(({ id }) => id);
  }

  limitsOf(userId: UserId): { readonly limits: QuotaLimits; readonly own: QuotaName[] } {
    const row = this.#orm.select().from(quotas).where(eq(quotas.userId, userId)).get();
    const limits = { ...this.#settings.get().quota };
    const own: QuotaName[] = [];
    for (const name of ["vms", "cpuCores", "ramMb", "diskGb", "snapshots"] as const) {
      const limit = row?.[name] ?? null;
      if (limit === null) continue;
      limits[name] = limit;
      own.push(name);
    }
    return { limits, own };
  }

  set(userId: UserId, change: QuotaChange): void {
    const { vms, cpuCores, ramMb, diskGb, snapshots } = change;
    const set = { vms, cpuCores, ramMb, diskGb, snapshots };
    if (Object.values(set).every((limit) => limit === undefined)) return;
    this.#orm
      .insert(quotas)
      .values({ userId, ...set })
      .onConflictDoUpdate({ target: quotas.userId, set })
      .run();
  }
}

/** Small facts of this installation, by key. */
import { eq } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { settings } from "../../../db/schema/index.ts";

export interface SettingRepo {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
}

export function createSettingRepo({ orm }: Db): SettingRepo {
  return {
    get: (key) => orm.select().from(settings).where(eq(settings.key, key)).get()?.value ?? null,
    set: (key, value) =>
      void orm
        .insert(settings)
        .values({ key, value })
        .onConflictDoUpdate({ target: settings.key, set: { value } })
        .run(),
    remove: (key) => void orm.delete(settings).where(eq(settings.key, key)).run(),
  };
}

/** The cloud's settings: one row of the database over the defaults, kept in memory because every VM command asks for them. */
import { eq } from "drizzle-orm";
import { type CloudSettings, cloudSettings, defaultQuota, MILLI, tariff } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { settings } from "../../../db/schema/index.ts";
import type { Log } from "../../core/log.ts";

const KEY = "cloud";

export const defaultSettings: CloudSettings = {
  registration: "open",
  startCredits: tariff.startCredits / MILLI,
  quota: defaultQuota,
  leaseHours: null,
};

export interface SettingStore {
  get(): CloudSettings;
  set(next: CloudSettings): void;
}

/** What an older version stored, a field it did not know yet being the default. */
function parseStored(text: string | undefined, log: Log): CloudSettings {
  if (text === undefined) return defaultSettings;
  try {
    return cloudSettings.parse({ ...defaultSettings, ...cloudSettings.partial().parse(JSON.parse(text)) });
  } catch (error) {
    // A row edited by hand must not keep the server from starting; it is replaced by the next change.
    log.error({ err: error }, "stored settings are not readable: defaults are in force");
    return defaultSettings;
  }
}

export function createSettingStore({ orm }: Db, log: Log): SettingStore {
  const row = orm.select().from(settings).where(eq(settings.key, KEY)).get();
  let current = parseStored(row?.value, log);
  return {
    get: () => current,
    set(next) {
      const value = JSON.stringify(next);
      orm
        .insert(settings)
        .values({ key: KEY, value })
        .onConflictDoUpdate({ target: settings.key, set: { value } })
        .run();
      current = next;
    },
  };
}

/** What the settings feature needs from outside, and what its commands share. */
import type { CloudSettings } from "#protocol";
import type { Db } from "../../../db/client.ts";
import type { EventLog } from "../../core/event-log.ts";
import type { Log } from "../../core/log.ts";
import type { SettingStore } from "./setting-store.ts";

export interface SettingsDeps {
  readonly db: Db;
  readonly log: Log;
  readonly events: EventLog;
}

export interface SettingsCommandDeps {
  readonly store: SettingStore;
  readonly events: EventLog;
  changed(settings: CloudSettings): void;
}

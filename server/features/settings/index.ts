/** Front door of the settings feature: what an administrator changes while the cloud runs. */
import type { CloudSettings } from "#protocol";
import type { CloudSettingsSource } from "../../core/cloud-settings.ts";
import type { Disposable } from "../../core/disposable.ts";
import type { Feature } from "../../core/feature.ts";
import { getSettings } from "./commands/get-settings.ts";
import { updateSettings } from "./commands/update-settings.ts";
import type { SettingsCommandDeps, SettingsDeps } from "./deps.ts";
import { createSettingStore } from "./setting-store.ts";

export interface SettingsFeature extends Feature, CloudSettingsSource {
  /** Called after a change is stored. */
  onChange(listener: (settings: CloudSettings) => void): Disposable;
}

export function createSettingsFeature({ db, log, events }: SettingsDeps): SettingsFeature {
  const store = createSettingStore(db, log);
  const listeners = new Set<(settings: CloudSettings) => void>();
  const deps: SettingsCommandDeps = {
    store,
    events,
    changed: (settings) => [...listeners].forEach((listener) => listener(settings)),
  };
  return {
    get: () => store.get(),
    onChange(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    commands: [getSettings.bind(deps), updateSettings.bind(deps)],
    topics: [],
    dispose: () => listeners.clear(),
  };
}

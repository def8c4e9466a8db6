/** `admin.settings.update`: changes the settings that are given, from now on and for what is made from now on. */
import type { CloudSettings } from "#protocol";
import { defineCommand } from "../../../core/command.ts";
import type { SettingsCommandDeps } from "../deps.ts";

const words: Record<keyof CloudSettings, string> = {
  registration: "registration",
  startCredits: "start credits",
  quota: "default quota",
  leaseHours: "default lease",
};

/** The names of the settings that differ, in words. */
export function changedSettings(before: CloudSettings, after: CloudSettings): string[] {
  const names: (keyof CloudSettings)[] = ["registration", "startCredits", "quota", "leaseHours"];
  return names.filter((name) => !Bun.deepEquals(before[name], after[name])).map((name) => words[name]);
}

export const updateSettings = defineCommand(
  "admin.settings.update",
  (input, { session, remoteAddress }, { store, events, changed }: SettingsCommandDeps) => {
    const before = store.get();
    const after: CloudSettings = {
      registration: input.registration ?? before.registration,
      startCredits: input.startCredits ?? before.startCredits,
      quota: input.quota ?? before.quota,
      leaseHours: input.leaseHours === undefined ? before.leaseHours : input.leaseHours,
    };
    const names = changedSettings(before, after);
    if (names.length === 0) return { settings: before };

    store.set(after);
    changed(after);
    events.record({
      type: "admin",
      severity: "info",
      name: "settings.changed",
      message: `${session.username} changed settings of the cloud: ${names.join(", ")}`,
      ownerId: null,
      actor: { id: session.userId, name: session.username },
      remoteAddress,
    });
    return { settings: after };
  },
);

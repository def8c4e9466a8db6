/** `admin.settings.get`: the settings in force. */
import { defineCommand } from "../../../core/command.ts";
import type { SettingsCommandDeps } from "../deps.ts";

export const getSettings = defineCommand(
  "admin.settings.get",
  (_input, _caller, { store }: SettingsCommandDeps) => ({ settings: store.get() }),
);

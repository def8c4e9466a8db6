/** `auth.options`: what the pages for strangers offer. */
import { defineCommand } from "../../../core/command.ts";
import type { AuthDeps } from "../deps.ts";

export const readOptions = defineCommand("auth.options", (_input, _caller, deps: AuthDeps) => ({
  registration: deps.cloud.get().registration,
}));

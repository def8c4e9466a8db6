/** Where settings come from: the process environment, and under it the file `.env` of the project. */
import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import type { Environment } from "../config.ts";

/** Secrets that no child process (Vagrant, ssh, qemu) has any business to inherit. */
const SECRET_VARIABLES = ["TWARGA_ADMIN_PASSWORD", "TWARGA_JWT_SECRET"] as const;

/**
 * Reads `.env` here and not by the runtime (`env = false` in bunfig.toml): its values never enter
 * `process.env`, so children do not inherit them, and tests do not pick them up by accident.
 */
export function loadEnvironment(processEnv: Environment, envFile: string): Environment {
  const fromFile = existsSync(envFile) ? parseEnv(readFileSync(envFile, "utf8")) : {};
  return { ...fromFile, ...processEnv };
}

/** Call after the settings were read. */
export function forgetSecrets(processEnv: Record<string, string | undefined>): void {
  for (const name of SECRET_VARIABLES) delete processEnv[name];
}

/** The installation that a command works on when it needs no server: its settings, its folders. */
import { resolve } from "node:path";
import { type Config, ConfigError, parseConfig } from "../../core/config.ts";
import { loadEnvironment } from "../../core/config/environment.ts";
import { CliError } from "../exit.ts";

export const projectDir = resolve(import.meta.dir, "../../..");

export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  try {
    return parseConfig(loadEnvironment(env, resolve(projectDir, ".env")), projectDir);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CliError("invalid_input", error.message);
  }
}

export const failed = (message: string): CliError => new CliError("conflict", message);

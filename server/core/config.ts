/** Turns the environment into a checked `Config`, or into one sentence that names the variable and what is allowed. */
import { homePaths, type HomePaths } from "./config/home.ts";
import { type SettingName, type SettingValue, settings } from "./config/schema.ts";

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly home: HomePaths;
  readonly driver: SettingValue<"TWARGA_DRIVER">;
  /** Null for an engine of our own. */
  readonly containerSocket: string | null;
  readonly adminPassword: string | null;
  /** Null: the server makes and keeps its own. */
  readonly jwtSecret: string | null;
  readonly extraOrigins: readonly string[];
  readonly maxUploadBytes: number;
  readonly logLevel: SettingValue<"TWARGA_LOG_LEVEL">;
}

/** Its message is one line for the person who starts the server; never holds the value, which may be a secret. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(variable: SettingName, problem: string, options: { readonly cause?: unknown } = {}) {
    super(`${variable} ${problem}`, options);
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

function read<N extends SettingName>(name: N, environment: Environment): SettingValue<N> {
  const { schema, allowed, default: fallback } = settings[name];
  // An empty value means "not set": shells and compose files cannot easily leave a variable out.
  const parsed = schema.safeParse(environment[name] || fallback);
  if (!parsed.success) throw new ConfigError(name, `must be ${allowed}`);
  return parsed.data as SettingValue<N>;
}

/** `projectDir` is the home when TWARGA_HOME is not set, and the base of a relative one. */
export function parseConfig(environment: Environment, projectDir: string): Config {
  return {
    port: read("PORT", environment),
    host: read("HOST", environment),
    home: homePaths(read("TWARGA_HOME", environment), projectDir),
    driver: read("TWARGA_DRIVER", environment),
    containerSocket: read("TWARGA_CONTAINER_SOCKET", environment) || null,
    adminPassword: read("TWARGA_ADMIN_PASSWORD", environment) || null,
    jwtSecret: read("TWARGA_JWT_SECRET", environment) || null,
    extraOrigins: read("TWARGA_ORIGINS", environment),
    maxUploadBytes: read("TWARGA_UPLOAD_LIMIT_GB", environment) * 1024 ** 3,
    logLevel: read("TWARGA_LOG_LEVEL", environment),
  };
}

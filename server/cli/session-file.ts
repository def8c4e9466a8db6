/** Where the CLI keeps who is logged in: `~/.config/twarga/session.json`, readable by its owner alone. */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { CliError } from "./exit.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export const DEFAULT_URL = "http://127.0.0.1:8000";

const storedSession = z.object({
  url: z.string(),
  token: z.string(),
  username: z.string(),
  expiresAtMs: z.number(),
});
export type StoredSession = z.infer<typeof storedSession>;

export function sessionPath(env: Environment): string {
  const config = env["XDG_CONFIG_HOME"] || join(env["HOME"] || homedir(), ".config");
  return join(config, "twarga", "session.json");
}

/** Null when nobody is logged in, or when the file is none of ours. */
export function readSession(env: Environment): StoredSession | null {
  try {
    return storedSession.safeParse(JSON.parse(readFileSync(sessionPath(env), "utf8"))).data ?? null;
  } catch {
    return null;
  }
}

export function writeSession(env: Environment, session: StoredSession): void {
  const path = sessionPath(env);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Written beside and renamed, so that a crash leaves the old session or the new one; never readable by others.
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(session, null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, path);
}

export function forgetSession(env: Environment): void {
  rmSync(sessionPath(env), { force: true });
}

/** `--url`, else TWARGA_URL, else where the last login was, else the default. Without a slash at its end. */
export function serverUrl(env: Environment, option: string | undefined): string {
  const url = option || env["TWARGA_URL"] || readSession(env)?.url || DEFAULT_URL;
  if (!/^https?:\/\/[^/]/.test(url)) {
    throw new CliError("usage", `The address must start with http:// or https://: ${url}`, 2);
  }
  return url.replace(/\/+$/, "");
}

/** TWARGA_TOKEN, else the stored token if it is for this very server: a token goes nowhere else. */
export function tokenFor(env: Environment, url: string): string | null {
  if (env["TWARGA_TOKEN"]) return env["TWARGA_TOKEN"];
  const session = readSession(env);
  return session?.url === url ? session.token : null;
}

export function requireToken(env: Environment, url: string): string {
  const token = tokenFor(env, url);
  if (token === null) throw new CliError("unauthenticated", `Not logged in at ${url}; run: twarga login`);
  return token;
}

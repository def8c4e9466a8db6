/** The secret that signs tokens: given by a setting, or made once and kept in the home. */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../config.ts";
import type { HomePaths } from "./home.ts";
import { MIN_SECRET_BYTES } from "./schema.ts";

/** As many random bytes as the HS256 digest is long. */
const SECRET_BYTES = 32;

function readSecret(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

export function loadJwtSecret(given: string | null, home: HomePaths): string {
  if (given !== null) return given;
  const file = join(home.secretsDir, "jwt-secret");
  const kept = readSecret(file);
  if (kept === null) {
    const made = crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toHex();
    writeFileSync(file, `${made}\n`, { mode: 0o600, flag: "wx" });
    return made;
  }
  if (Buffer.byteLength(kept) < MIN_SECRET_BYTES)
    throw new ConfigError(
      "TWARGA_JWT_SECRET",
      `is not set and ${file} is damaged: delete that file to get a new secret, everybody logs in again`,
    );
  // A copied or restored home may have lost the mode.
  chmodSync(file, 0o600);
  return kept;
}

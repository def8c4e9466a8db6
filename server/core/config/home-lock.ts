/** Lets only one server use a home: two would fight over VMs, and each would serve stale sessions of the other. */
import { Database } from "bun:sqlite";
import type { Disposable } from "../disposable.ts";

export class HomeBusyError extends Error {
  override readonly name = "HomeBusyError";
}

/**
 * Holds SQLite's exclusive lock on an empty database for the life of the process. The kernel drops it when
 * the process dies, however it dies, so there is no stale lock file to judge by a pid.
 */
export function lockHome(lockFile: string): Disposable {
  const sqlite = new Database(lockFile, { create: true });
  try {
    sqlite.run("PRAGMA busy_timeout = 0");
    sqlite.run("BEGIN EXCLUSIVE");
  } catch (error) {
    sqlite.close();
    if (error instanceof Error && "code" in error && error.code === "SQLITE_BUSY")
      throw new HomeBusyError("Another server uses this home", { cause: error });
    throw error;
  }
  return { dispose: () => sqlite.close() };
}

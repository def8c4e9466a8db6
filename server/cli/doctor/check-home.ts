/** The folder that holds everything, and the database in it. Nothing is made or changed by looking. */
import { Database } from "bun:sqlite";
import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import type { HomePaths } from "../../core/config/home.ts";
import { type Check, ok, problem } from "./check.ts";

export function checkHome(home: HomePaths): Check {
  // The nearest folder there is decides whether the missing ones can be made.
  let nearest = home.root;
  while (!existsSync(nearest)) nearest = dirname(nearest);
  if (!isWritable(nearest)) {
    return problem("home", `${nearest} cannot be written by this user`, "set TWARGA_HOME to another folder");
  }
  return ok("home", existsSync(home.root) ? home.root : `${home.root} will be made at the first start`);
}

export function checkDatabase(home: HomePaths): Check {
  if (!existsSync(home.dbFile)) return ok("database", "will be made at the first start");
  try {
    return readDatabase(home.dbFile);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return problem("database", `${home.dbFile}: ${reason}`, "restore it from a backup, or move it away");
  }
}

function readDatabase(file: string): Check {
  const sqlite = new Database(file, { readwrite: true, create: false });
  try {
    sqlite.run("PRAGMA busy_timeout = 2000");
    // Takes the write lock and gives it back: a read-only file or disk refuses here.
    sqlite.run("BEGIN IMMEDIATE");
    sqlite.run("ROLLBACK");
    const tables = sqlite.query<{ n: number }, []>("SELECT count(*) AS n FROM sqlite_master").get();
    return ok("database", `${file} is writable${tables?.n === 0 ? ", still empty" : ""}`);
  } finally {
    sqlite.close();
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Puts a backup in the place of what is there; that is kept aside, and nothing is touched before the backup is proven whole. */
import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import { chmod, copyFile, link, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { HomeBusyError, lockHome } from "../../core/config/home-lock.ts";
import { type HomePaths, prepareHome } from "../../core/config/home.ts";
import { failed, projectDir } from "./installation.ts";
import type { Manifest } from "./manifest.ts";
import { readBackup } from "./read-backup.ts";

export interface Restored {
  readonly manifest: Manifest;
  /** What was there before, by its new name. */
  readonly keptAside: readonly string[];
}

const journal = z.object({ entries: z.array(z.object({ when: z.int() })) });

export async function restoreBackup(home: HomePaths, source: string): Promise<Restored> {
  prepareHome(home);
  const lock = lockOrRefuse(home);
  // In the same folder, so that each file comes to its place by one rename.
  const work = await mkdtemp(join(home.dbDir, ".restore-"));
  try {
    const manifest = await readBackup(resolve(source), work);
    if (manifest.schema > (await newestSchema()))
      throw failed(`The backup is of a newer version of Twarga (${manifest.version}); update this one first`);
    endSessions(join(work, "twarga.sqlite"));
    return { manifest, keptAside: await putInPlace(home, work, manifest) };
  } finally {
    await rm(work, { recursive: true, force: true });
    await lock.dispose();
  }
}

function lockOrRefuse(home: HomePaths) {
  try {
    return lockHome(home.lockFile);
  } catch (error) {
    if (error instanceof HomeBusyError) throw failed(`A server uses ${home.root}; stop it, then restore`);
    throw error;
  }
}

async function newestSchema(): Promise<number> {
  const text = await readFile(join(projectDir, "db/migrations/meta/_journal.json"), "utf8");
  return Math.max(...journal.parse(JSON.parse(text)).entries.map(({ when }) => when));
}

/** A session that was ended after the backup must not come back to life. */
function endSessions(file: string): void {
  const sqlite = new Database(file, { readwrite: true, create: false });
  try {
    sqlite.run("DELETE FROM sessions");
  } finally {
    sqlite.close();
  }
}

async function putInPlace(home: HomePaths, work: string, { files }: Manifest): Promise<readonly string[]> {
  const suffix = `.before-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`;
  const kept: string[] = [];
  const keep = async (path: string) => {
    if (!existsSync(path)) return;
    // A second name first: a crash between two renames must not leave the place empty. Some file systems know no links.
    await link(path, path + suffix).catch(() => copyFile(path, path + suffix));
    kept.push(path + suffix);
  };
  const places = {
    "jwt-secret": join(home.secretsDir, "jwt-secret"),
    instance: join(home.vmsDir, ".instance"),
    "twarga.sqlite": home.dbFile,
  };
  foldJournal(home.dbFile);
  for (const path of [`${home.dbFile}-wal`, `${home.dbFile}-shm`]) {
    await keep(path);
    await rm(path, { force: true });
  }
  for (const name of ["jwt-secret", "instance", "twarga.sqlite"] as const) {
    if (!files.some((file) => file.name === name)) continue;
    await keep(places[name]);
    await chmod(join(work, name), 0o600);
    await rename(join(work, name), places[name]);
  }
  return kept;
}

/** Brings what the journal holds into the old database, so that it is whole as one file. */
function foldJournal(dbFile: string): void {
  if (!existsSync(dbFile)) return;
  try {
    const sqlite = new Database(dbFile, { readwrite: true, create: false });
    sqlite.run("PRAGMA wal_checkpoint(TRUNCATE)");
    sqlite.close();
  } catch {
    // Damaged: it is kept with its journal as it is.
  }
}

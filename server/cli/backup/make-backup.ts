/** One file with all that cannot be made anew: the database as of one moment, the signing secret, the id of the installation. */
import { Database } from "bun:sqlite";
import { createReadStream, existsSync } from "node:fs";
import { copyFile, mkdtemp, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { pack, type Pack } from "tar-stream";
import { version } from "../../../package.json";
import type { HomePaths } from "../../core/config/home.ts";
import { failed } from "./installation.ts";
import { FORMAT, type Manifest, type MemberName, sha256Of } from "./manifest.ts";
import { verifyDatabase } from "./verify-database.ts";

/** A server that writes without a pause is waited for this long. */
const BUSY_MS = 10_000;

/** Safe while a server runs. The file appears whole or not at all, and never in the place of another. */
export async function makeBackup(home: HomePaths, target: string): Promise<Manifest> {
  const file = resolve(target);
  if (existsSync(file)) throw failed(`${file} exists already; a backup never overwrites another`);
  if (!existsSync(home.dbFile)) throw failed(`There is no database at ${home.dbFile}; is TWARGA_HOME right?`);
  const work = await mkdtemp(join(dirname(file), ".twarga-backup-"));
  try {
    const files = await collect(home, work);
    const facts = verifyDatabase(join(work, "twarga.sqlite"));
    const described: Manifest = {
      ...{ format: FORMAT, version, createdAt: new Date().toISOString() },
      ...facts,
      files: await Promise.all(files.map((name) => describe(work, name))),
    };
    const part = join(work, "backup.tar");
    await writeArchive(part, work, described);
    await rename(part, file);
    return described;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function collect(home: HomePaths, work: string): Promise<MemberName[]> {
  copyDatabase(home.dbFile, join(work, "twarga.sqlite"));
  const beside: readonly (readonly [MemberName, string])[] = [
    ["jwt-secret", join(home.secretsDir, "jwt-secret")],
    ["instance", join(home.vmsDir, ".instance")],
  ];
  const found = beside.filter(([, path]) => existsSync(path));
  for (const [name, path] of found) await copyFile(path, join(work, name));
  return ["twarga.sqlite", ...found.map(([name]) => name)];
}

/** One read transaction, so it is the state of one moment, whatever a server writes meanwhile. */
function copyDatabase(from: string, to: string): void {
  const sqlite = new Database(from, { readwrite: true, create: false });
  try {
    sqlite.run(`PRAGMA busy_timeout = ${BUSY_MS}`);
    sqlite.run("VACUUM INTO ?", [to]);
  } finally {
    sqlite.close();
  }
}

async function describe(work: string, name: MemberName): Promise<Manifest["files"][number]> {
  const path = join(work, name);
  return { name, bytes: (await stat(path)).size, sha256: await sha256Of(path) };
}

async function writeArchive(part: string, work: string, described: Manifest): Promise<void> {
  const handle = await open(part, "wx", 0o600);
  const archive = pack();
  const writing = pipeline(archive, handle.createWriteStream({ flush: true }));
  writing.catch(() => {});
  archive.entry({ name: "manifest.json", mode: 0o600 }, `${JSON.stringify(described, null, 2)}\n`);
  for (const { name, bytes } of described.files) await addFile(archive, name, bytes, join(work, name));
  archive.finalize();
  await writing;
}

async function addFile(archive: Pack, name: string, size: number, path: string): Promise<void> {
  await pipeline(createReadStream(path), archive.entry({ name, size, mode: 0o600 }));
}

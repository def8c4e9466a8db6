/** Opens the database, brings it to the newest schema, and offers transactions that cannot be broken by an `await`. */
import { chmodSync, existsSync } from "node:fs";
import { Database } from "bun:sqlite";
import { type BunSQLiteDatabase, drizzle } from "drizzle-orm/bun-sqlite";
import { migrate } from "drizzle-orm/bun-sqlite/migrator";
import * as schema from "./schema/index.ts";

export interface Db {
  readonly orm: BunSQLiteDatabase<typeof schema>;
  readonly sqlite: Database;
  /** Runs `work` in one immediate transaction. `work` must not be async: bun:sqlite would commit before it ends. */
  tx<T>(work: () => T): T;
  close(): void;
}

/** It holds password hashes. A file of an earlier start or a restored one may have lost its mode; new journals take the file's. */
function keepFromOthers(file: string): void {
  for (const path of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(path)) chmodSync(path, 0o600);
}

/** `file` is a path, or `:memory:` for tests. */
export function openDb(file: string): Db {
  const sqlite = new Database(file, { create: true, strict: true });
  if (file !== ":memory:") keepFromOthers(file);
  sqlite.run("PRAGMA journal_mode = WAL");
  // FULL: an acknowledged command survives a power loss; metrics, the only hot writer, are batched.
  sqlite.run("PRAGMA synchronous = FULL");
  sqlite.run("PRAGMA foreign_keys = ON");
  sqlite.run("PRAGMA busy_timeout = 5000");
  const orm = drizzle(sqlite, { schema });
  migrate(orm, { migrationsFolder: `${import.meta.dir}/migrations` });

  return {
    orm,
    sqlite,
    tx(work) {
      return orm.transaction(
        () => {
          const result = work();
          if (result instanceof Promise) throw new TypeError("A transaction must not be async");
          return result;
        },
        { behavior: "immediate" },
      );
    },
    close: () => sqlite.close(),
  };
}

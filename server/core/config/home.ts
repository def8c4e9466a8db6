/** The folder that holds everything this installation keeps. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

export interface HomePaths {
  readonly root: string;
  readonly dbDir: string;
  readonly dbFile: string;
  readonly lockFile: string;
  readonly secretsDir: string;
  readonly vmsDir: string;
  readonly logsDir: string;
}

/** `home` may be empty (the project) or relative to the project. */
export function homePaths(home: string, projectDir: string): HomePaths {
  const root = resolve(projectDir, home);
  const dbDir = join(root, "db");
  return {
    root,
    dbDir,
    dbFile: join(dbDir, "twarga.sqlite"),
    lockFile: join(dbDir, "lock.sqlite"),
    secretsDir: join(dbDir, "secrets"),
    vmsDir: join(root, "vms"),
    logsDir: join(root, "logs"),
  };
}

/** Makes the folders that are missing. Throws what the file system throws. */
export function prepareHome(home: HomePaths): void {
  for (const dir of [home.dbDir, home.vmsDir, home.logsDir]) mkdirSync(dir, { recursive: true });
  // 0700: whoever can read the signing secret can be anybody.
  mkdirSync(home.secretsDir, { recursive: true, mode: 0o700 });
}

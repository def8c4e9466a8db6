/** `backup FILE` and `restore FILE`: on the host of the installation, without a log-in. */
import type { Command } from "commander";
import { contextOf } from "../cli-context.ts";
import { formatBytes } from "../format.ts";
import { readConfig } from "./installation.ts";
import { makeBackup } from "./make-backup.ts";
import type { Manifest } from "./manifest.ts";
import { restoreBackup } from "./restore-backup.ts";

/** Both handle password hashes and the secret that signs sessions. */
const OWNER_ONLY = 0o077;

export function addBackupCommands(program: Command): void {
  program
    .command("backup <file>")
    .description("Save database, secret and id of this installation in one file; the server may run on")
    .action(async (file: string, _: unknown, command: Command) => {
      const context = contextOf(command);
      process.umask(OWNER_ONLY);
      const config = readConfig(context.env);
      const made = await makeBackup(config.home, file);
      context.result(made, () => `${file}: ${summary(made)}\nChecked: pages, references, credits.`);
      if (config.jwtSecret !== null)
        context.note("TWARGA_JWT_SECRET is a setting and not part of the backup: keep it yourself.");
    });
  program
    .command("restore <file>")
    .description("Put a backup in the place of this installation's data; the server must not run")
    .action(async (file: string, _: unknown, command: Command) => {
      const context = contextOf(command);
      process.umask(OWNER_ONLY);
      const restored = await restoreBackup(readConfig(context.env).home, file);
      context.result(restored, () =>
        [
          `Restored: ${summary(restored.manifest)}, as of ${restored.manifest.createdAt}`,
          ...restored.keptAside.map((path) => `Kept aside: ${path}`),
          "Next: npm start. Everybody logs in again, and VMs are compared with what is on this host.",
        ].join("\n"),
      );
    });
}

function summary({ users, vms, ledgerEntries, files }: Manifest): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return `${users} users, ${vms} VMs, ${ledgerEntries} ledger entries, ${formatBytes(bytes)}`;
}

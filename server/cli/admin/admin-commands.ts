/** `admin …`: what administrators do, from the command line. */
import type { Command } from "commander";
import { addAuditCommands } from "./audit-commands.ts";
import { addCloudCommands } from "./cloud-commands.ts";
import { addRosterCommands } from "./roster-commands.ts";
import { addUserCommands } from "./user-commands.ts";

export function addAdminCommands(program: Command): void {
  const admin = program
    .command("admin")
    .description("Users, classes, settings and the audit log; for administrators");
  addUserCommands(admin);
  addRosterCommands(admin);
  addCloudCommands(admin);
  addAuditCommands(admin);
}

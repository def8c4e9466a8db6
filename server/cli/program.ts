/** The whole command line in one tree. */
import { Command } from "commander";
import { version } from "../../package.json";
import { addAccountCommands } from "./account/account-commands.ts";
import { addAdminCommands } from "./admin/admin-commands.ts";
import { addBackupCommands } from "./backup/backup-commands.ts";
import { addCallCommand } from "./call-command.ts";
import { addCreditCommands } from "./credits/credit-commands.ts";
import { addDoctorCommand } from "./doctor/doctor-command.ts";
import { addEventCommands } from "./events/event-commands.ts";
import { addImageCommands } from "./image/image-commands.ts";
import { addJobCommands } from "./job-commands.ts";
import { addSocCommands } from "./soc/soc-commands.ts";
import { addSshKeyCommands } from "./ssh-key/ssh-key-commands.ts";
import { addAdminVmCommands } from "./vm/admin-vm-commands.ts";
import { addVmCommands } from "./vm/vm-commands.ts";
import { addWatchCommand } from "./watch/watch-command.ts";

export function createProgram(): Command {
  const program = new Command("twarga")
    .description("Twarga Cloud from the command line")
    .version(version)
    .option("--json", "print one JSON document (JSON lines for watch)")
    .option("--url <url>", "address of the server (or TWARGA_URL)")
    .addHelpText("after", "\nExit codes: 0 ok, 1 refused or failed, 2 wrong usage, 3 no server there")
    .showHelpAfterError("(see --help)");
  addAccountCommands(program);
  addVmCommands(program);
  addSshKeyCommands(program);
  addJobCommands(program);
  addImageCommands(program);
  addCreditCommands(program);
  addEventCommands(program);
  addAdminCommands(program);
  addAdminVmCommands(program);
  addSocCommands(program);
  addWatchCommand(program);
  addCallCommand(program);
  addBackupCommands(program);
  addDoctorCommand(program);
  throwInsteadOfExit(program);
  return program;
}

/** Commander ends the process with 1 for wrong usage; ours is 2, decided in one place. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) throwInsteadOfExit(child);
}

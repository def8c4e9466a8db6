/** `vm ssh`: a shell in the VM, in this terminal. */
import type { Command } from "commander";
import { contextOf } from "../cli-context.ts";
import { withClient } from "../server-link.ts";
import { findVm } from "./find-vm.ts";
import { openLocalTerminal } from "./local-terminal.ts";
import { runSsh } from "./ssh-session.ts";

export function addSshCommand(vm: Command): void {
  vm.command("ssh <vm>")
    .description("A shell in the VM; leave it with Enter ~ .")
    .option("--join", "join the newest open shell, the one the browser shows, instead of a new one")
    .action(async (name: string, options: { join?: boolean }, command: Command) => {
      process.exitCode = await withClient(contextOf(command), async (client) => {
        const target = await findVm(client, name);
        const local = openLocalTerminal();
        try {
          return await runSsh(client, target.id, local, { join: options.join === true });
        } finally {
          local.dispose();
        }
      });
    });
}

/** `vm list|get|start|stop|restart|destroy`, and all the other `vm` commands in one tree. */
import { commands, type VmAction, vmActions } from "#protocol";
import type { Command } from "commander";
import { type CliContext, contextOf } from "../cli-context.ts";
import { withClient } from "../server-link.ts";
import { addChangeCommands } from "./change-commands.ts";
import { addCreateCommand } from "./create-command.ts";
import { findVm } from "./find-vm.ts";
import { vmTable, vmText } from "./show-vm.ts";
import { addSnapshotCommands } from "./snapshot-commands.ts";
import { addSshCommand } from "./ssh-command.ts";
import { addWaitOption, askFirst, type WaitOptions, work } from "./vm-work.ts";

export function addVmCommands(program: Command): void {
  const vm = program.command("vm").description("Virtual machines, by name or id");
  vm.command("list")
    .alias("ls")
    .description(commands["vm.list"].summary)
    .action(async (_: unknown, command: Command) => list(contextOf(command)));
  vm.command("get <vm>")
    .description(commands["vm.get"].summary)
    .action(async (name: string, _: unknown, command: Command) => get(name, contextOf(command)));
  addCreateCommand(vm);
  for (const action of vmActions) addAction(vm, action);
  addChangeCommands(vm);
  addSnapshotCommands(vm);
  addSshCommand(vm);
}

async function list(context: CliContext): Promise<void> {
  const answer = await withClient(context, (client) => client.request("vm.list", {}));
  context.result(answer, () => vmTable(answer.vms));
}

async function get(name: string, context: CliContext): Promise<void> {
  const vm = await withClient(context, (client) => findVm(client, name));
  context.result({ vm }, () => vmText(vm));
}

function addAction(vm: Command, action: VmAction): void {
  const name = `vm.${action}` as const;
  const command = vm.command(`${action} <vm>`).description(commands[name].summary);
  if (action === "destroy") command.option("-y, --yes", "do not ask");
  type Options = WaitOptions & { yes?: boolean };
  addWaitOption(command).action(async (target: string, options: Options, self: Command) => {
    await work(contextOf(self), options, async (client) => {
      const found = await findVm(client, target);
      if (action === "destroy") await askFirst(`Destroy ${found.name} and its disk`, options.yes);
      return client.request(name, { vmId: found.id });
    });
  });
}

/** `vm list|get|create|start|stop|restart|destroy|ssh`. */
import type { Client } from "#client";
import { commands, type JobId, type VmAction, type VmView, vmActions, vmSizes } from "#protocol";
import { type Command, InvalidArgumentError } from "commander";
import { confirm } from "../ask.ts";
import { type CliContext, contextOf } from "../cli-context.ts";
import { usageError } from "../exit.ts";
import { withClient } from "../server-link.ts";
import { findVm } from "./find-vm.ts";
import { followJob, requireSuccess } from "./follow-job.ts";
import { vmTable, vmText } from "./show-vm.ts";
import { addSshCommand } from "./ssh-command.ts";

const NO_WAIT = "--no-wait";
const NO_WAIT_TEXT = "return as soon as the server has accepted the work";

interface WaitOptions {
  readonly wait: boolean;
}

export function addVmCommands(program: Command): void {
  const vm = program.command("vm").description("Virtual machines, by name or id");
  vm.command("list")
    .alias("ls")
    .description(commands["vm.list"].summary)
    .action(async (_: unknown, command: Command) => list(contextOf(command)));
  vm.command("get <vm>")
    .description(commands["vm.get"].summary)
    .action(async (name: string, _: unknown, command: Command) => get(name, contextOf(command)));
  addCreate(vm);
  for (const action of vmActions) addAction(vm, action);
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

interface CreateOptions extends WaitOptions {
  readonly image: string;
  readonly ram: number;
  readonly cores: number;
  readonly disk: number;
}

function addCreate(vm: Command): void {
  vm.command("create <name>")
    .description(commands["vm.create"].summary)
    .option("--image <id>", "image of the catalogue", "lab")
    .option("--ram <MB>", sizeText(vmSizes.ramMb), number, vmSizes.ramMb.default)
    .option("--cores <n>", sizeText(vmSizes.cpuCores), number, vmSizes.cpuCores.default)
    .option("--disk <GB>", sizeText(vmSizes.diskGb), number, vmSizes.diskGb.default)
    .option(NO_WAIT, NO_WAIT_TEXT)
    .action(async (name: string, options: CreateOptions, command: Command) => {
      const { image, ram, cores, disk } = options;
      const spec = { name, image, ramMb: ram, cpuCores: cores, diskGb: disk };
      await work(contextOf(command), options, (client) => client.request("vm.create", spec));
    });
}

function addAction(vm: Command, action: VmAction): void {
  const name = `vm.${action}` as const;
  const command = vm
    .command(`${action} <vm>`)
    .description(commands[name].summary)
    .option(NO_WAIT, NO_WAIT_TEXT);
  if (action === "destroy") command.option("-y, --yes", "do not ask");
  command.action(async (target: string, options: WaitOptions & { yes?: boolean }, self: Command) => {
    const context = contextOf(self);
    await work(context, options, async (client) => {
      const found = await findVm(client, target);
      if (action === "destroy" && !options.yes) await askDestroy(found);
      return client.request(name, { vmId: found.id });
    });
  });
}

async function askDestroy(vm: VmView): Promise<void> {
  if (!process.stdin.isTTY) throw usageError("There is no terminal to ask; add --yes to destroy");
  if (!(await confirm(`Destroy ${vm.name} and its disk`))) throw usageError("Nothing was destroyed");
}

type Accept = (client: Client) => Promise<{ vm: VmView; jobId: JobId }>;

/** Sends the work and, unless told not to, stays until it is done. */
async function work(context: CliContext, options: WaitOptions, accept: Accept): Promise<void> {
  await withClient(context, async (client) => {
    const { vm, jobId } = await accept(client);
    if (!options.wait) {
      return context.result(
        { vm, jobId },
        `${vm.name} is ${vm.state}; follow it with: twarga job get ${jobId}`,
      );
    }
    const job = await followJob(client, jobId, context);
    requireSuccess(job);
    if (job.kind === "vm.destroy") return context.result({ job }, `${vm.name} is gone`);
    const after = await client.request("vm.get", { vmId: vm.id });
    context.result({ vm: after.vm, job }, () => vmText(after.vm));
  });
}

function sizeText(size: { min: number; max: number; step: number }): string {
  return `${size.min} to ${size.max}${size.step > 1 ? ` in steps of ${size.step}` : ""}`;
}

function number(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

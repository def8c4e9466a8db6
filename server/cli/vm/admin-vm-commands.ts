/** `admin vms`, `admin stop-all`, `admin orphans`: all VMs of the cloud, for administrators. */
import { commands, type vmStates } from "#protocol";
import type { Command } from "commander";
import { type CliContext, contextOf, tableOr } from "../cli-context.ts";
import { printable } from "../format.ts";
import { withClient } from "../server-link.ts";
import { allVmTable } from "./show-vm.ts";
import { askFirst, wholeNumber } from "./vm-work.ts";

interface ListOptions {
  readonly search?: string;
  readonly class?: string;
  readonly state?: (typeof vmStates)[number];
  readonly image?: string;
  readonly tag?: string;
  readonly limit: number;
}

/** Adds to the `admin` command that is there. */
export function addAdminVmCommands(program: Command): void {
  const admin = program.commands.find((command) => command.name() === "admin") ?? program.command("admin");
  admin
    .command("vms")
    .description(commands["admin.vm.list"].summary)
    .option("--search <text>", "in name, label and owner")
    .option("--class <name>", "only of one class")
    .option("--state <state>", "only in one state")
    .option("--image <id>", "only of one image")
    .option("--tag <tag>", "only with this tag")
    .option("--limit <n>", "at most so many, up to 200", wholeNumber, 50)
    .action(async (options: ListOptions, command: Command) => list(options, contextOf(command)));
  admin
    .command("stop-all")
    .description(commands["admin.stopAll"].summary)
    .option("--class <name>", "only of one class")
    .option("-y, --yes", "do not ask")
    .action(async (options: { class?: string; yes?: boolean }, command: Command) =>
      stopAll(options.class, options.yes, contextOf(command)),
    );
  const orphans = admin
    .command("orphans")
    .description(commands["admin.orphan.list"].summary)
    .action(async (_: unknown, command: Command) => listOrphans(contextOf(command)));
  orphans
    .command("remove <id> <name>")
    .description(commands["admin.orphan.remove"].summary)
    .action(async (id: string, name: string, _: unknown, command: Command) =>
      removeOrphan(wholeNumber(id), name, contextOf(command)),
    );
}

async function list(options: ListOptions, context: CliContext): Promise<void> {
  const { search, class: className, state, image, tag, limit } = options;
  const answer = await withClient(context, (client) =>
    client.request("admin.vm.list", {
      limit,
      ...(search !== undefined && { search }),
      ...(className !== undefined && { className }),
      ...(state !== undefined && { state }),
      ...(image !== undefined && { image }),
      ...(tag !== undefined && { tag }),
    }),
  );
  context.result(answer, () => `${allVmTable(answer.vms)}\n${answer.vms.length} of ${answer.total}`);
}

async function stopAll(
  className: string | undefined,
  isSure: boolean | undefined,
  context: CliContext,
): Promise<void> {
  await askFirst(`Stop every VM${className === undefined ? "" : ` of ${className}`}`, isSure);
  const answer = await withClient(context, (client) =>
    client.request("admin.stopAll", {
      confirm: "stop everything",
      ...(className !== undefined && { className }),
    }),
  );
  context.result(answer, () =>
    tableOr(
      "Nothing runs",
      ["VM", "JOB", "REFUSED"],
      answer.results.map(({ vmId, jobId, error }) => [
        String(vmId),
        String(jobId ?? "-"),
        printable(error?.message ?? ""),
      ]),
    ),
  );
}

async function listOrphans(context: CliContext): Promise<void> {
  const answer = await withClient(context, (client) => client.request("admin.orphan.list", {}));
  context.result(answer, () =>
    tableOr(
      "Everything on the host is known",
      ["ID", "NAME", "OWNER", "STATE"],
      answer.orphans.map(({ vmId, name, ownerId, ownerName, state }) => [
        String(vmId),
        name,
        ownerName ?? `user ${ownerId}`,
        state,
      ]),
    ),
  );
}

async function removeOrphan(id: number, name: string, context: CliContext): Promise<void> {
  const vmId = commands["admin.orphan.remove"].input.shape.vmId.parse(id);
  await withClient(context, (client) => client.request("admin.orphan.remove", { vmId, name }));
  context.result({}, `${name} is gone`);
}

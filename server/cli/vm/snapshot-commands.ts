/** `vm snapshot list|create|restore|delete`. */
import type { Client } from "#client";
import { commands, type JobId, type SnapshotView, type VmView } from "#protocol";
import type { Command } from "commander";
import { type CliContext, contextOf, tableOr } from "../cli-context.ts";
import { CliError } from "../exit.ts";
import { formatBytes, printable } from "../format.ts";
import { withClient } from "../server-link.ts";
import { findVm } from "./find-vm.ts";
import { followJob, requireSuccess } from "./follow-job.ts";
import { addWaitOption, askFirst, type WaitOptions } from "./vm-work.ts";

type SureOptions = WaitOptions & { readonly yes?: boolean };

export function addSnapshotCommands(vm: Command): void {
  const snapshot = vm.command("snapshot").description("Disk states of a VM to go back to");
  snapshot
    .command("list <vm>")
    .alias("ls")
    .description(commands["snapshot.list"].summary)
    .action(async (name: string, _: unknown, command: Command) => list(name, contextOf(command)));
  const create = snapshot
    .command("create <vm> <name>")
    .description(commands["snapshot.create"].summary)
    .option("--description <text>", "what it is of", "");
  type CreateOptions = WaitOptions & { description: string };
  addWaitOption(create).action(
    async (vmName: string, name: string, options: CreateOptions, self: Command) => {
      const { description } = options;
      await work(contextOf(self), vmName, options, ({ client, vm: { id: vmId } }) =>
        client.request("snapshot.create", { vmId, name, description }),
      );
    },
  );
  for (const action of ["restore", "delete"] as const) addAction(snapshot, action);
}

function addAction(snapshot: Command, action: "restore" | "delete"): void {
  const name = `snapshot.${action}` as const;
  const command = snapshot
    .command(`${action} <vm> <snapshot>`)
    .description(commands[name].summary)
    .option("-y, --yes", "do not ask");
  addWaitOption(command).action(
    async (vmName: string, wanted: string, options: SureOptions, self: Command) => {
      await work(contextOf(self), vmName, options, async ({ client, vm }) => {
        const found = findSnapshot(vm, wanted);
        const question =
          action === "restore"
            ? `Put ${vm.name} back to ${found.name} and lose what came after`
            : `Delete the snapshot ${found.name}`;
        await askFirst(question, options.yes);
        return client.request(name, { vmId: vm.id, snapshotId: found.id });
      });
    },
  );
}

/** By name, or by id where digits are given. */
function findSnapshot(vm: VmView, wanted: string): SnapshotView {
  const found = vm.snapshots.find(({ id, name }) => name === wanted || String(id) === wanted);
  if (!found) throw new CliError("not_found", `${vm.name} has no snapshot ${printable(wanted)}`);
  return found;
}

async function list(name: string, context: CliContext): Promise<void> {
  const answer = await withClient(context, async (client) =>
    client.request("snapshot.list", { vmId: (await findVm(client, name)).id }),
  );
  context.result(answer, () => snapshotTable(answer.snapshots));
}

interface Target {
  readonly client: Client;
  readonly vm: VmView;
}
type Accept = (target: Target) => Promise<{ snapshot: SnapshotView; jobId: JobId }>;

async function work(context: CliContext, name: string, options: WaitOptions, accept: Accept): Promise<void> {
  await withClient(context, async (client) => {
    const vm = await findVm(client, name);
    const accepted = await accept({ client, vm });
    const { jobId, snapshot } = accepted;
    if (!options.wait)
      return context.result(
        accepted,
        `${snapshot.name} is ${snapshot.state}; follow it with: twarga job get ${jobId}`,
      );
    const job = await followJob(client, jobId, context);
    requireSuccess(job);
    const { snapshots } = await client.request("snapshot.list", { vmId: vm.id });
    context.result({ snapshots, job }, () => snapshotTable(snapshots));
  });
}

function snapshotTable(snapshots: readonly SnapshotView[]): string {
  return tableOr(
    "No snapshots yet",
    ["ID", "NAME", "STATE", "SIZE", "TAKEN", "DESCRIPTION"],
    snapshots.map(({ id, name, state, sizeBytes, createdAtMs, description }) => [
      String(id),
      printable(name),
      state,
      sizeBytes === null ? "-" : formatBytes(sizeBytes),
      new Date(createdAtMs).toLocaleString("sv"),
      printable(description),
    ]),
  );
}

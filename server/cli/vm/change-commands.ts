/** `vm resize|rebuild|clone|update|lease|startup|bulk`: what is done to a VM that is there. */
import { commands, type VmAction, vmActions, vmSizes } from "#protocol";
import { Argument, type Command } from "commander";
import { type CliContext, contextOf, tableOr } from "../cli-context.ts";
import { usageError } from "../exit.ts";
import { printable } from "../format.ts";
import { withClient } from "../server-link.ts";
import { findVm } from "./find-vm.ts";
import { vmText } from "./show-vm.ts";
import {
  addWaitOption,
  askFirst,
  collect,
  hoursOrNone,
  sizeText,
  wholeNumber,
  type WaitOptions,
  work,
} from "./vm-work.ts";

export function addChangeCommands(vm: Command): void {
  addResize(vm);
  addRebuild(vm);
  addClone(vm);
  addUpdate(vm);
  vm.command("lease <vm> <hours>")
    .description("Let the lease end so many hours from now; none removes it")
    .action(async (name: string, hours: string, _: unknown, command: Command) =>
      lease(name, hoursOrNone(hours), contextOf(command)),
    );
  vm.command("startup <vm>")
    .description(commands["vm.startup"].summary)
    .action(async (name: string, _: unknown, command: Command) => startup(name, contextOf(command)));
  vm.command("bulk")
    .description(commands["vm.bulk"].summary)
    .addArgument(new Argument("<action>").choices(vmActions))
    .argument("<vms...>", "names or ids")
    .option("-y, --yes", "do not ask")
    .action(async (action: VmAction, names: string[], options: { yes?: boolean }, command: Command) =>
      bulk(action, names, options.yes, contextOf(command)),
    );
}

interface SizeOptions extends WaitOptions {
  readonly ram?: number;
  readonly cores?: number;
  readonly disk?: number;
}

function addResize(vm: Command): void {
  const resize = vm
    .command("resize <vm>")
    .description(commands["vm.resize"].summary)
    .option("--ram <MB>", sizeText(vmSizes.ramMb), wholeNumber)
    .option("--cores <n>", sizeText(vmSizes.cpuCores), wholeNumber)
    .option("--disk <GB>", sizeText(vmSizes.diskGb), wholeNumber);
  addWaitOption(resize).action(async (name: string, options: SizeOptions, command: Command) => {
    const { ram: ramMb, cores: cpuCores, disk: diskGb } = options;
    await work(contextOf(command), options, async (client) => {
      const found = await findVm(client, name);
      return client.request("vm.resize", {
        vmId: found.id,
        ...(ramMb !== undefined && { ramMb }),
        ...(cpuCores !== undefined && { cpuCores }),
        ...(diskGb !== undefined && { diskGb }),
      });
    });
  });
}

function addRebuild(vm: Command): void {
  const rebuild = vm
    .command("rebuild <vm>")
    .description(commands["vm.rebuild"].summary)
    .option("--image <id>", "another image than it has")
    .option("-y, --yes", "do not ask");
  type Options = WaitOptions & { image?: string; yes?: boolean };
  addWaitOption(rebuild).action(async (name: string, options: Options, command: Command) => {
    await work(contextOf(command), options, async (client) => {
      const found = await findVm(client, name);
      await askFirst(`Make ${found.name} anew and lose its disk and its snapshots`, options.yes);
      const { image } = options;
      return client.request("vm.rebuild", { vmId: found.id, ...(image !== undefined && { image }) });
    });
  });
}

function addClone(vm: Command): void {
  const clone = vm
    .command("clone <vm> <name>")
    .description(commands["vm.clone"].summary)
    .option("--snapshot <name>", "of this snapshot instead of the disk as it is");
  type Options = WaitOptions & { snapshot?: string };
  addWaitOption(clone).action(async (source: string, name: string, options: Options, command: Command) => {
    await work(contextOf(command), options, async (client) => {
      const found = await findVm(client, source);
      const snapshot = found.snapshots.find((taken) => taken.name === options.snapshot);
      if (options.snapshot !== undefined && !snapshot)
        throw usageError(`${found.name} has no snapshot ${options.snapshot}`);
      const snapshotId = snapshot?.id;
      return client.request("vm.clone", {
        ...{ vmId: found.id, name },
        ...(snapshotId !== undefined && { snapshotId }),
      });
    });
  });
}

interface UpdateOptions {
  readonly label?: string;
  readonly notes?: string;
  readonly tag: readonly string[];
  readonly tags: boolean;
  readonly stopAt?: string;
  readonly startAt?: string;
  readonly days: string;
  readonly zone: string;
  readonly schedule: boolean;
}

function addUpdate(vm: Command): void {
  vm.command("update <vm>")
    .description(commands["vm.update"].summary)
    .option("--label <text>", "shown beside the name")
    .option("--notes <text>", "for whoever looks at it later")
    .option("--tag <tag>", "replaces all tags; may be given more than once", collect, [])
    .option("--no-tags", "take all tags away")
    .option("--stop-at <HH:MM>", "stop it by itself")
    .option("--start-at <HH:MM>", "start it by itself")
    .option("--days <days>", "1 is Monday, 7 is Sunday", "1,2,3,4,5")
    .option("--zone <zone>", "time zone", Intl.DateTimeFormat().resolvedOptions().timeZone)
    .option("--no-schedule", "neither stop nor start it by itself any more")
    .action(async (name: string, options: UpdateOptions, command: Command) =>
      update(name, options, contextOf(command)),
    );
}

async function update(name: string, options: UpdateOptions, context: CliContext): Promise<void> {
  const { label, notes, tag, tags, stopAt, startAt, days, zone, schedule } = options;
  const isScheduled = stopAt !== undefined || startAt !== undefined;
  const wanted = {
    ...{ stopAt: stopAt ?? null, startAt: startAt ?? null },
    ...{ days: days.split(",").map(Number), timeZone: zone },
  };
  const answer = await withClient(context, async (client) =>
    client.request("vm.update", {
      vmId: (await findVm(client, name)).id,
      ...(label !== undefined && { label }),
      ...(notes !== undefined && { notes }),
      ...((tag.length > 0 || !tags) && { tags: [...tag] }),
      ...(!schedule && { schedule: null }),
      ...(isScheduled && { schedule: wanted }),
    }),
  );
  context.result(answer, () => vmText(answer.vm));
}

async function lease(name: string, hours: number | null, context: CliContext): Promise<void> {
  const answer = await withClient(context, async (client) =>
    client.request("vm.extendLease", { vmId: (await findVm(client, name)).id, hours }),
  );
  context.result(answer, () => vmText(answer.vm));
}

async function startup(name: string, context: CliContext): Promise<void> {
  const answer = await withClient(context, async (client) =>
    client.request("vm.startup", { vmId: (await findVm(client, name)).id }),
  );
  context.result(answer, () => {
    if (answer.script === "") return "No start-up script";
    const lines = answer.output.split("\n").map(printable);
    const end =
      answer.ranAtMs === null ? "It has not run yet" : `It ended with ${answer.exitCode ?? "no exit code"}`;
    return [...lines, end].join("\n");
  });
}

async function bulk(
  action: VmAction,
  names: readonly string[],
  isSure: boolean | undefined,
  context: CliContext,
): Promise<void> {
  const answer = await withClient(context, async (client) => {
    const found = await Promise.all(names.map((name) => findVm(client, name)));
    if (action === "destroy")
      await askFirst(`Destroy ${found.map((vm) => vm.name).join(", ")} and their disks`, isSure);
    const { results } = await client.request("vm.bulk", { vmIds: found.map(({ id }) => id), action });
    return { results, names: new Map(found.map((vm) => [vm.id, vm.name])) };
  });
  context.result({ results: answer.results }, () =>
    tableOr(
      "Nothing to do",
      ["VM", "JOB", "REFUSED"],
      answer.results.map(({ vmId, jobId, error }) => [
        answer.names.get(vmId) ?? String(vmId),
        jobId === null ? "-" : String(jobId),
        printable(error?.message ?? ""),
      ]),
    ),
  );
}

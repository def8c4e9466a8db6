/** `events`: what happened, newest first. */
import {
  commands,
  type EventType,
  eventTypes,
  type EventView,
  severities,
  type Severity,
  vmId,
} from "#protocol";
import { type Command, Option } from "commander";
import { dayText } from "../admin/credit-text.ts";
import { time, wholeNumber } from "../admin/option-values.ts";
import { type CliContext, contextOf, tableOr } from "../cli-context.ts";
import { printable } from "../format.ts";
import { withClient } from "../server-link.ts";
import { findVm } from "../vm/find-vm.ts";

interface EventOptions {
  readonly type?: EventType;
  readonly severity?: Severity;
  readonly vm?: string;
  readonly search?: string;
  readonly from?: number;
  readonly to?: number;
  readonly limit: number;
}

export function addEventCommands(program: Command): void {
  program
    .command("events")
    .description(commands["event.list"].summary)
    .addOption(new Option("--type <type>", "only one type").choices(eventTypes))
    .addOption(new Option("--severity <severity>", "only one severity").choices(severities))
    .option("--vm <vm>", "only those of one VM, by name, or by id when it is gone")
    .option("--search <text>", "in the message")
    .option("--from <time>", "a day or a time", time)
    .option("--to <time>", "a day or a time", time)
    .option("--limit <n>", "at most so many, up to 200", wholeNumber, 50)
    .action(async (options: EventOptions, command: Command) => list(options, contextOf(command)));
}

async function list(options: EventOptions, context: CliContext): Promise<void> {
  const { type, severity, vm, search, from: fromMs, to: toMs, limit } = options;
  const answer = await withClient(context, async (client) => {
    // An id need not be found: events outlive their VM.
    const byId = vmId.safeParse(Number(vm)).data;
    const wanted = vm === undefined ? undefined : (byId ?? (await findVm(client, vm)).id);
    return client.request("event.list", {
      ...(type !== undefined && { type }),
      ...(severity !== undefined && { severity }),
      ...(wanted !== undefined && { vmId: wanted }),
      ...(search !== undefined && { search }),
      ...(fromMs !== undefined && { fromMs }),
      ...(toMs !== undefined && { toMs }),
      limit,
    });
  });
  context.result(answer, () => eventTable(answer.events));
}

function eventTable(events: readonly EventView[]): string {
  return tableOr(
    "Nothing found",
    ["TIME", "TYPE", "SEVERITY", "EVENT", "MESSAGE"],
    events.map((event) => [
      dayText(event.atMs),
      event.type,
      event.severity,
      event.name,
      printable(event.message),
    ]),
  );
}

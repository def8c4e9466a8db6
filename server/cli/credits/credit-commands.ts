/** `credits`, `credits ledger` and `quota`. */
import { type CommandRequest, commands, type CreditsView, type LedgerEntry, ledgerKinds } from "#protocol";
import { type Command, Option } from "commander";
import { creditText, dayText } from "../admin/credit-text.ts";
import { time, wholeNumber } from "../admin/option-values.ts";
import { type CliContext, contextOf, tableOr } from "../cli-context.ts";
import { formatDuration, printable } from "../format.ts";
import { withClient } from "../server-link.ts";
import { renderTable } from "../table.ts";
import { findVm } from "../vm/find-vm.ts";
import { quotaText } from "./quota-text.ts";

interface LedgerOptions {
  readonly kind?: LedgerEntry["kind"];
  readonly vm?: string;
  readonly from?: number;
  readonly to?: number;
  readonly limit: number;
  readonly csv?: boolean;
}

export function addCreditCommands(program: Command): void {
  const credits = program
    .command("credits")
    .description(commands["credits.get"].summary)
    .action(async (_: unknown, command: Command) => show(contextOf(command)));
  credits
    .command("ledger")
    .description(commands["credits.ledger"].summary)
    .addOption(new Option("--kind <kind>", "only one kind").choices(ledgerKinds))
    .option("--vm <vm>", "only those of one VM, by name or id")
    .option("--from <time>", "a day or a time", time)
    .option("--to <time>", "a day or a time", time)
    .option("--limit <n>", "at most so many, up to 200", wholeNumber, 50)
    .option("--csv", "everything that fits the filter as CSV on standard output")
    .action(async (options: LedgerOptions, command: Command) => ledger(options, contextOf(command)));
  program
    .command("quota")
    .description(commands["quota.get"].summary)
    .action(async (_: unknown, command: Command) => quota(contextOf(command)));
}

async function show(context: CliContext): Promise<void> {
  const answer = await withClient(context, (client) => client.request("credits.get", {}));
  context.result(answer, () => accountText(answer.credits));
}

export function accountText(view: CreditsView): string {
  const { balance, held, burnPerHour, emptiesAtMs, asOfMs, keptUntilMs } = view;
  const lasts = emptiesAtMs === null ? "-" : formatDuration(emptiesAtMs - asOfMs);
  const rows = [[creditText(balance), creditText(held), `${creditText(burnPerHour)} an hour`, lasts]];
  const table = renderTable(["BALANCE", "HELD", "BURNS", "EMPTIES IN"], rows);
  return keptUntilMs === null
    ? table
    : `${table}\n\nThe credits are used up; VMs are kept until ${dayText(keptUntilMs)} at least.`;
}

async function ledger(options: LedgerOptions, context: CliContext): Promise<void> {
  const { kind, vm, from: fromMs, to: toMs, limit, csv } = options;
  await withClient(context, async (client) => {
    const vmId = vm === undefined ? undefined : (await findVm(client, vm)).id;
    const filter: CommandRequest<"credits.export"> = {
      ...(kind !== undefined && { kind }),
      ...(vmId !== undefined && { vmId }),
      ...(fromMs !== undefined && { fromMs }),
      ...(toMs !== undefined && { toMs }),
    };
    if (csv) {
      const file = await client.request("credits.export", filter);
      return context.result(file, file.text.trimEnd());
    }
    const answer = await client.request("credits.ledger", { ...filter, limit });
    context.result(answer, () => ledgerTable(answer.entries));
  });
}

function ledgerTable(entries: readonly LedgerEntry[]): string {
  return tableOr(
    "Nothing found",
    ["TIME", "KIND", "CHANGE", "BALANCE", "VM", "BY", "REASON"],
    entries.map((entry) => [
      dayText(entry.atMs),
      entry.kind,
      `${entry.amount > 0 ? "+" : ""}${creditText(entry.amount)}`,
      creditText(entry.balanceAfter),
      entry.vmName ?? "-",
      printable(entry.actorName ?? "-"),
      printable(entry.reason),
    ]),
  );
}

async function quota(context: CliContext): Promise<void> {
  const answer = await withClient(context, (client) => client.request("quota.get", {}));
  context.result(answer, () => quotaText(answer.quota, answer.host));
}

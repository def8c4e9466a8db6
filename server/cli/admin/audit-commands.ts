/** `admin audit`: what administrators did, as a table or as CSV. */
import { type CommandRequest, commands } from "#protocol";
import type { Command } from "commander";
import { type CliContext, contextOf, tableOr } from "../cli-context.ts";
import { printable } from "../format.ts";
import { withClient } from "../server-link.ts";
import { dayText } from "./credit-text.ts";
import { findUser } from "./find-user.ts";
import { time, wholeNumber } from "./option-values.ts";

interface AuditOptions {
  readonly search?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly from?: number;
  readonly to?: number;
  readonly csv?: boolean;
  readonly limit: number;
}

export function addAuditCommands(admin: Command): void {
  admin
    .command("audit")
    .description(commands["audit.list"].summary)
    .option("--search <text>", "in action, names and input")
    .option("--actor <user>", "only what one administrator did")
    .option("--action <command>", "only one command, e.g. admin.user.credits")
    .option("--from <time>", "a day or a time", time)
    .option("--to <time>", "a day or a time", time)
    .option("--limit <n>", "at most so many, up to 200", wholeNumber, 50)
    .option("--csv", "everything that fits the filter as CSV on standard output")
    .action(async (options: AuditOptions, command: Command) => audit(options, contextOf(command)));
}

async function audit(options: AuditOptions, context: CliContext): Promise<void> {
  const { search, actor, action, from: fromMs, to: toMs, limit, csv } = options;
  await withClient(context, async (client) => {
    const actorId = actor === undefined ? undefined : (await findUser(client, actor)).id;
    const filter: CommandRequest<"audit.export"> = {
      ...(search !== undefined && { search }),
      ...(action !== undefined && { action }),
      ...(actorId !== undefined && { actorId }),
      ...(fromMs !== undefined && { fromMs }),
      ...(toMs !== undefined && { toMs }),
    };
    if (csv) {
      const file = await client.request("audit.export", filter);
      return context.result(file, file.text.trimEnd());
    }
    const answer = await client.request("audit.list", { ...filter, limit });
    context.result(answer, () =>
      tableOr(
        "Nothing found",
        ["TIME", "WHO", "ACTION", "TARGET", "OUTCOME", "INPUT"],
        answer.entries.map((entry) => [
          dayText(entry.atMs),
          entry.actorName,
          entry.action,
          printable(entry.targetName ?? (entry.targetId === null ? "-" : `#${entry.targetId}`)),
          entry.outcome,
          printable(entry.input),
        ]),
      ),
    );
  });
}

/** `account tokens list|create|revoke`: API tokens, for `TWARGA_TOKEN` and for HTTP. */
import { apiTokenId, commands, tokenScopes } from "#protocol";
import { type Command, Option } from "commander";
import { type CliContext, contextOf, tableOr } from "../cli-context.ts";
import { usageError } from "../exit.ts";
import { formatMoment, printable } from "../format.ts";
import { withClient } from "../server-link.ts";

interface CreateOptions {
  readonly scope: string;
  readonly days: string;
}

export function addTokenCommands(account: Command): void {
  const tokens = account.command("tokens").description("API tokens for scripts");
  tokens
    .command("list", { isDefault: true })
    .description(commands["token.list"].summary)
    .action(async (_: unknown, command: Command) => list(contextOf(command)));
  tokens
    .command("create <name>")
    .description(commands["token.create"].summary)
    .addOption(new Option("--scope <scope>", "what it may do").choices(tokenScopes).default("read"))
    .option("--days <days>", "expires after", "30")
    .action(async (name: string, options: CreateOptions, command: Command) =>
      create(name, options, contextOf(command)),
    );
  tokens
    .command("revoke <id>")
    .description(commands["token.revoke"].summary)
    .action(async (text: string, _: unknown, command: Command) => revoke(text, contextOf(command)));
}

async function list(context: CliContext): Promise<void> {
  const answer = await withClient(context, (client) => client.request("token.list", {}));
  context.result(answer, () =>
    tableOr(
      "No API tokens",
      ["ID", "NAME", "SCOPE", "BEGINS WITH", "EXPIRES", "LAST USED"],
      answer.tokens.map((token) => [
        String(token.id),
        printable(token.name),
        token.scope,
        token.prefix,
        formatMoment(token.expiresAtMs),
        token.lastUsedAtMs === null ? "never" : formatMoment(token.lastUsedAtMs),
      ]),
    ),
  );
}

/** The token alone on standard output, so that a script can keep it. */
async function create(name: string, { scope, days }: CreateOptions, context: CliContext): Promise<void> {
  const input = { name, scope: scope === "write" ? "write" : "read", expiresInDays: Number(days) } as const;
  const answer = await withClient(context, (client) => client.request("token.create", input));
  context.note("Keep it like a password; it is not shown again.");
  context.result(answer, answer.secret);
}

async function revoke(text: string, context: CliContext): Promise<void> {
  const id = apiTokenId.safeParse(Number(text));
  if (!id.success) throw usageError("It must be the number of an API token; see: twarga account tokens");
  const answer = await withClient(context, (client) =>
    client.request("token.revoke", { apiTokenId: id.data }),
  );
  context.result(answer, "The token is revoked");
}

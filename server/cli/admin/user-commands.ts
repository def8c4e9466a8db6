/** `admin users` and `admin user …`. */
import type { Client } from "#client";
import { type AdminUserView, type CommandRequest, commands } from "#protocol";
import type { Command } from "commander";
import { confirm, readAllStdin } from "../ask.ts";
import { type CliContext, contextOf } from "../cli-context.ts";
import { CliError, usageError } from "../exit.ts";
import { withClient } from "../server-link.ts";
import { creditText } from "./credit-text.ts";
import { findUser } from "./find-user.ts";
import { dayOrNone, type Ending, orNull, wholeNumber } from "./option-values.ts";
import { userDetails, userTable } from "./user-text.ts";

const PAGE = 200;

type ListRequest = CommandRequest<"admin.user.list">;

interface ListOptions extends Pick<ListRequest, "search" | "role" | "sort" | "order"> {
  readonly class?: string;
  readonly inactive?: boolean;
  readonly limit: number;
}

export function addUserCommands(admin: Command): void {
  admin
    .command("users")
    .description(commands["admin.user.list"].summary)
    .option("--search <text>", "in name, e-mail and class")
    .option("--class <class>", "only those of one class")
    .option("--role <role>", "user or admin")
    .option("--inactive", "only those that are switched off")
    .option("--sort <key>", "username, createdAt, lastLogin, balance or vms")
    .option("--order <order>", "asc or desc")
    .option("--limit <n>", "at most so many", wholeNumber, PAGE)
    .action(async (options: ListOptions, command: Command) => list(options, contextOf(command)));
  const user = admin.command("user").description("One account; <user> is a name or an id");
  user
    .command("show <user>")
    .description(commands["admin.user.get"].summary)
    .action(async (name: string, _: unknown, command: Command) => show(name, contextOf(command)));
  addChanges(user);
  addAccess(user);
}

function addChanges(user: Command): void {
  user
    .command("create <name>")
    .description(commands["admin.user.create"].summary)
    .option("--password-stdin", "read the password from standard input")
    .option("--role <role>", "user or admin")
    .option("--class <class>")
    .option("--email <email>")
    .option("--expires <day>", "no log-in after this day", dayOrNone)
    .action(async (name: string, options: AccountOptions, command: Command) =>
      create(name, options, contextOf(command)),
    );
  user
    .command("update <user>")
    .description(commands["admin.user.update"].summary)
    .option("--activate", "let log in again")
    .option("--deactivate", "end every session now, and let log in no more")
    .option("--role <role>", "user or admin")
    .option("--class <class>", "a class, or - for none")
    .option("--email <email>", "an address, or - for none")
    .option("--expires <day>", "no log-in after this day; none takes the end away", dayOrNone)
    .option("--vms <n>", "how many VMs the user may have", wholeNumber)
    .option("--ram <mb>", "how much memory", wholeNumber)
    .option("--cores <n>", "how many cores", wholeNumber)
    .option("--disk <gb>", "how much disk", wholeNumber)
    .option("--snapshots <n>", "how many snapshots", wholeNumber)
    .action(async (name: string, options: AccountOptions, command: Command) =>
      update(name, options, contextOf(command)),
    );
  user
    .command("delete <user>")
    .description("Delete an account and destroy its VMs, or hand them over")
    .option("--transfer-to <user>", "who gets the VMs")
    .option("--yes", "do not ask")
    .action(async (name: string, options: DeleteOptions, command: Command) =>
      remove(name, options, contextOf(command)),
    );
}

function addAccess(user: Command): void {
  user
    .command("reset-password <user>")
    .description(commands["admin.user.resetPassword"].summary)
    .action(async (name: string, _: unknown, command: Command) => {
      const answer = await withUser(name, command, (client, { id: userId }) =>
        client.request("admin.user.resetPassword", { userId }),
      );
      contextOf(command).result(answer, `One-time password of ${name}: ${answer.password}`);
    });
  user
    .command("logout <user>")
    .description(commands["admin.user.logout"].summary)
    .action(async (name: string, _: unknown, command: Command) => {
      const answer = await withUser(name, command, (client, { id: userId }) =>
        client.request("admin.user.logout", { userId }),
      );
      contextOf(command).result(answer, `${answer.ended} sessions of ${name} ended`);
    });
  user
    .command("credits <user> <amount>")
    .description("Give whole credits with a reason, or take them with --take")
    .requiredOption("--reason <text>", "shown in the ledger of the user")
    .option("--take", "take them instead")
    .action(async (name: string, text: string, options: CreditOptions, command: Command) => {
      const amount = wholeNumber(text);
      const action = options.take ? "deduct" : "grant";
      const answer = await withUser(name, command, (client, { id: userId }) =>
        client.request("admin.user.credits", { userId, amount, action, reason: options.reason }),
      );
      contextOf(command).result(answer, `${name} now has ${creditText(answer.balance)} credits`);
    });
}

interface CreditOptions {
  readonly reason: string;
  readonly take?: boolean;
}

interface DeleteOptions {
  readonly transferTo?: string;
  readonly yes?: boolean;
}

interface AccountOptions {
  readonly passwordStdin?: boolean;
  readonly activate?: boolean;
  readonly deactivate?: boolean;
  readonly role?: "user" | "admin";
  readonly class?: string;
  readonly email?: string;
  readonly expires?: Ending;
  readonly vms?: number;
  readonly ram?: number;
  readonly cores?: number;
  readonly disk?: number;
  readonly snapshots?: number;
}

function withUser<T>(
  name: string,
  command: Command,
  use: (client: Client, user: AdminUserView) => Promise<T>,
): Promise<T> {
  return withClient(contextOf(command), async (client) => use(client, await findUser(client, name)));
}

async function list(options: ListOptions, context: CliContext): Promise<void> {
  const { limit, class: className, inactive, ...rest } = options;
  const filter = {
    ...rest,
    ...(className !== undefined && { className }),
    ...(inactive && { active: false }),
  };
  const found = await withClient(context, async (client) => {
    const users: AdminUserView[] = [];
    let cursor: string | undefined;
    for (;;) {
      const size = Math.min(PAGE, Math.max(1, limit - users.length));
      const page = await client.request("admin.user.list", {
        ...{ ...filter, limit: size },
        ...(cursor !== undefined && { cursor }),
      });
      users.push(...page.users);
      if (page.nextCursor === null || users.length >= limit) return { users, total: page.total };
      cursor = page.nextCursor;
    }
  });
  context.result(found, () => userTable(found.users));
  if (found.users.length < found.total) context.note(`${found.users.length} of ${found.total} users`);
}

async function show(name: string, context: CliContext): Promise<void> {
  const answer = await withClient(context, async (client) => {
    const { id: userId } = await findUser(client, name);
    return client.request("admin.user.get", { userId });
  });
  context.result(answer, () => userDetails(answer));
}

async function create(username: string, options: AccountOptions, context: CliContext): Promise<void> {
  const { role, class: className, email, expires } = options;
  const request: CommandRequest<"admin.user.create"> = {
    username,
    ...(options.passwordStdin && { password: await readAllStdin() }),
    ...(role !== undefined && { role }),
    ...(className !== undefined && { className }),
    ...(email !== undefined && { email }),
    ...(expires !== undefined && { expiresAtMs: orNull(expires) }),
  };
  const answer = await withClient(context, (client) => client.request("admin.user.create", request));
  const shown = answer.password === null ? [] : [`One-time password: ${answer.password}`];
  context.result(answer, () => [userTable([answer.user]), ...shown].join("\n"));
}

const orNone = (text: string) => (text === "-" ? null : text);

type Change = Omit<CommandRequest<"admin.user.update">, "userId">;

function changeOf(options: AccountOptions): Change {
  const { activate, deactivate, role, expires, class: className, email } = options;
  const { vms, cores: cpuCores, ram: ramMb, disk: diskGb, snapshots } = options;
  const limits = Object.entries({ vms, cpuCores, ramMb, diskGb, snapshots });
  const quota = Object.fromEntries(limits.filter(([, limit]) => limit !== undefined));
  return {
    ...((activate || deactivate) && { active: activate === true }),
    ...(role !== undefined && { role }),
    ...(expires !== undefined && { expiresAtMs: orNull(expires) }),
    ...(className !== undefined && { className: orNone(className) }),
    ...(email !== undefined && { email: orNone(email) }),
    ...(Object.keys(quota).length > 0 && { quota }),
  };
}

async function update(name: string, options: AccountOptions, context: CliContext): Promise<void> {
  if (options.activate && options.deactivate)
    throw usageError("--activate and --deactivate exclude each other");
  const change = changeOf(options);
  if (Object.keys(change).length === 0) throw usageError("Nothing to change; see --help");
  const answer = await withClient(context, async (client) => {
    const { id: userId } = await findUser(client, name);
    return client.request("admin.user.update", { userId, ...change });
  });
  context.result(answer, () => userTable([answer.user]));
}

async function remove(name: string, options: DeleteOptions, context: CliContext): Promise<void> {
  const answer = await withClient(context, async (client) => {
    const user = await findUser(client, name);
    const heir = options.transferTo === undefined ? null : await findUser(client, options.transferTo);
    const fate =
      heir === null
        ? `destroy ${user.vmCount} VMs with their disks`
        : `give ${user.vmCount} VMs to ${heir.username}`;
    if (!options.yes && !(await confirm(`Delete ${user.username} and ${fate}?`)))
      throw new CliError("cancelled", "Nothing was deleted");
    const target = { userId: user.id, vms: heir === null ? "destroy" : "transfer" } as const;
    return client.request("admin.user.delete", { ...target, ...(heir && { transferTo: heir.id }) });
  });
  const { length } = answer.jobIds;
  context.result(
    answer,
    length === 0
      ? `${name} is deleted`
      : `${name} can log in no more and is deleted when ${length === 1 ? "the VM is" : `the ${length} VMs are`} destroyed`,
  );
}

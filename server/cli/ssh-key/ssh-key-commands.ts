/** `ssh-key list|add|remove`. */
import { basename } from "node:path";
import type { Client } from "#client";
import { commands, type SshKeyView } from "#protocol";
import type { Command } from "commander";
import { type CliContext, contextOf, tableOr } from "../cli-context.ts";
import { CliError, usageError } from "../exit.ts";
import { printable } from "../format.ts";
import { withClient } from "../server-link.ts";

export function addSshKeyCommands(program: Command): void {
  const key = program.command("ssh-key").description("Public keys that open your VMs with plain ssh");
  key
    .command("list")
    .alias("ls")
    .description(commands["sshkey.list"].summary)
    .action(async (_: unknown, command: Command) => list(contextOf(command)));
  key
    .command("add <file>")
    .description(commands["sshkey.add"].summary)
    .option("--name <name>", "what to call it; else the name of the file")
    .action(async (file: string, options: { name?: string }, command: Command) =>
      add(file, options.name, contextOf(command)),
    );
  key
    .command("remove <key>")
    .description(commands["sshkey.remove"].summary)
    .action(async (wanted: string, _: unknown, command: Command) => remove(wanted, contextOf(command)));
}

async function list(context: CliContext): Promise<void> {
  const answer = await withClient(context, (client) => client.request("sshkey.list", {}));
  context.result(answer, () => keyTable(answer.keys));
}

async function add(file: string, name: string | undefined, context: CliContext): Promise<void> {
  const publicKey = await readKey(file);
  const answer = await withClient(context, (client) =>
    client.request("sshkey.add", { name: name ?? nameOf(file), publicKey }),
  );
  context.result(answer, () => keyTable([answer.key]));
}

async function remove(wanted: string, context: CliContext): Promise<void> {
  const key = await withClient(context, async (client) => {
    const { keys } = await client.request("sshkey.list", {});
    const found = keys.find((each) => [each.name, String(each.id), each.fingerprint].includes(wanted));
    if (!found) throw new CliError("not_found", `No such SSH key: ${printable(wanted)}`);
    await client.request("sshkey.remove", { sshKeyId: found.id });
    return found;
  });
  context.result({ key }, `${printable(key.name)} is removed`);
}

/** Adds the key unless the account has it. */
export async function ensureKey(client: Client, file: string): Promise<void> {
  const publicKey = await readKey(file);
  const [type, blob] = publicKey.split(" ");
  const { keys } = await client.request("sshkey.list", {});
  if (keys.some((key) => key.publicKey.startsWith(`${type} ${blob}`))) return;
  await client.request("sshkey.add", { name: nameOf(file), publicKey });
}

async function readKey(path: string): Promise<string> {
  const file = Bun.file(path);
  if (!(await file.exists())) throw usageError(`There is no file ${path}`);
  const text = (await file.text()).trim();
  // The one mistake that must not leave this machine.
  if (text.includes("PRIVATE KEY"))
    throw usageError(`${path} is a private key; give the .pub file beside it`);
  return text;
}

function nameOf(file: string): string {
  return basename(file).replace(/\.pub$/, "");
}

function keyTable(keys: readonly SshKeyView[]): string {
  return tableOr(
    "No SSH keys yet; add one: twarga ssh-key add ~/.ssh/id_ed25519.pub",
    ["ID", "NAME", "TYPE", "FINGERPRINT"],
    keys.map(({ id, name, type, fingerprint }) => [String(id), printable(name), type, fingerprint]),
  );
}

/** `call`: any command of the table by its name, for what has no verb of its own here. */
import type { Client } from "#client";
import { type CommandName, type CommandRequest, commands, isCommandName } from "#protocol";
import type { Command } from "commander";
import { readAllStdin } from "./ask.ts";
import { contextOf } from "./cli-context.ts";
import { usageError } from "./exit.ts";
import { withClient } from "./server-link.ts";

export function addCallCommand(program: Command): void {
  program
    .command("call <name> [json]")
    .description("Call any command with a JSON input (- reads it from standard input)")
    .addHelpText("after", () => `\nCommands:\n${commandList()}`)
    .action(async (name: string, json: string | undefined, _: unknown, command: Command) => {
      if (!isCommandName(name)) {
        throw usageError(`There is no command ${name}; see: twarga call --help`);
      }
      const input = parseInput(name, json === "-" ? await readAllStdin() : (json ?? "{}"));
      const context = contextOf(command);
      const output = await withClient(context, (client) => call(client, name, input));
      context.result(output, () => JSON.stringify(output, null, 2));
    });
}

function call<N extends CommandName>(client: Client, name: N, input: CommandRequest<N>): Promise<unknown> {
  return client.request(name, input);
}

/** Only JSON is checked here; the client checks the fields and names the one at fault. */
function parseInput<N extends CommandName>(name: N, text: string): CommandRequest<N> {
  try {
    return JSON.parse(text) as CommandRequest<N>;
  } catch {
    throw usageError(`The input of ${name} must be JSON, e.g. '{"vmId":1}'`);
  }
}

function commandList(): string {
  const names = Object.keys(commands).filter(isCommandName);
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name) => `  ${name.padEnd(width)}  ${commands[name].summary}`).join("\n");
}

/** `image list`. */
import { commands } from "#protocol";
import type { Command } from "commander";
import { contextOf, tableOr } from "./cli-context.ts";
import { withClient } from "./server-link.ts";

export function addImageCommands(program: Command): void {
  const image = program.command("image").description("What a VM can be made from");
  image
    .command("list")
    .alias("ls")
    .description(commands["image.list"].summary)
    .action(async (_: unknown, command: Command) => {
      const context = contextOf(command);
      const answer = await withClient(context, (client) => client.request("image.list", {}));
      context.result(answer, () =>
        tableOr(
          "The catalogue is empty",
          ["ID", "NAME", "AVAILABLE", "DESCRIPTION"],
          answer.images.map(({ id, name, available, hint, description }) => [
            id,
            name,
            available ? "yes" : "no",
            available ? description : (hint ?? description),
          ]),
        ),
      );
    });
}

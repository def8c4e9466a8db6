/** `terminal.close`: ends the shell for every viewer. */
import { defineCommand } from "../../../core/command.ts";
import type { SessionTable } from "../session-table.ts";

export const closeTerminal = defineCommand(
  "terminal.close",
  ({ terminalId }, { session }, { table }: { table: SessionTable }) => {
    table.find(terminalId, session).end("closed");
    return {};
  },
);

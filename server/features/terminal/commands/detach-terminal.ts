/** `terminal.detach`: this socket stops viewing, the shell goes on. */
import { defineCommand } from "../../../core/command.ts";
import type { SessionTable } from "../session-table.ts";
import { socketOf } from "./socket-of.ts";

export const detachTerminal = defineCommand(
  "terminal.detach",
  ({ terminalId }, caller, { table }: { table: SessionTable }) => {
    table.find(terminalId, caller.session).leave(socketOf(caller));
    return {};
  },
);

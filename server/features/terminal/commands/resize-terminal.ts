/** `terminal.resize`: the last viewer to resize wins; only viewers may. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import type { SessionTable } from "../session-table.ts";
import { socketOf } from "./socket-of.ts";

export const resizeTerminal = defineCommand(
  "terminal.resize",
  ({ terminalId, cols, rows }, caller, { table }: { table: SessionTable }) => {
    const terminal = table.find(terminalId, caller.session);
    if (!terminal.viewerOf(socketOf(caller))) throw new AppError("forbidden", "Open the terminal first");
    terminal.resize({ cols, rows });
    return { cols, rows };
  },
);

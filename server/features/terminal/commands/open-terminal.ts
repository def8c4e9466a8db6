/** `terminal.open`: joins the newest shell of a running VM or starts one; the screen follows the reply. */
import type { CommandInput } from "#protocol";
import type { Session } from "../../../core/caller.ts";
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import type { TerminalDeps } from "../deps.ts";
import type { SessionTable } from "../session-table.ts";
import type { TerminalSession } from "../terminal-session.ts";
import { socketOf } from "./socket-of.ts";

interface OpenDeps extends TerminalDeps {
  readonly table: SessionTable;
}

export const openTerminal = defineCommand("terminal.open", async (input, caller, deps: OpenDeps) => {
  const channel = socketOf(caller);
  const existing = existingTerminal(input, caller.session, deps);
  // No await before a start: the next caller in this turn must find it under way.
  const terminal = await (existing ?? startTerminal(input, caller.session, deps));
  // A joiner takes the others' size; alone, it brings its own.
  const others = terminal.facts.viewers - (terminal.viewerOf(channel) ? 1 : 0);
  if (others === 0) terminal.resize({ cols: input.cols, rows: input.rows });
  terminal.join(channel, caller.session);
  return { terminalId: terminal.id, ...terminal.facts, resumed: existing !== undefined };
});

function existingTerminal(
  { vmId, terminalId, fresh }: CommandInput<"terminal.open">,
  session: Session,
  { table, findVm }: OpenDeps,
): TerminalSession | Promise<TerminalSession> | undefined {
  findVm(session, vmId);
  if (terminalId !== undefined) {
    const found = table.find(terminalId, session);
    if (found.ref.vmId !== vmId) throw new AppError("not_found", "No such terminal");
    return found;
  }
  return fresh ? undefined : (table.newestOf(vmId) ?? table.openingOf(vmId));
}

async function startTerminal(
  { vmId, cols, rows }: CommandInput<"terminal.open">,
  session: Session,
  { table, findVm }: OpenDeps,
): Promise<TerminalSession> {
  const { ref, state } = findVm(session, vmId);
  if (state !== "running")
    throw new AppError("conflict", `${ref.name} is ${state}: a terminal needs a running VM`);
  return table.open(ref, { cols, rows }, session);
}

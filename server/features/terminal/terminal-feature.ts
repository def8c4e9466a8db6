/** Terminals: commands, the `terminal.state` topic, and where the bytes and acknowledgements of a socket go. */
import { terminalId } from "#protocol";
import { AppError } from "../../core/errors.ts";
import type { Feature } from "../../core/feature.ts";
import type { TerminalSink } from "../../core/ports.ts";
import { defineTopic } from "../../core/topic.ts";
import { closeTerminal } from "./commands/close-terminal.ts";
import { detachTerminal } from "./commands/detach-terminal.ts";
import { openTerminal } from "./commands/open-terminal.ts";
import { resizeTerminal } from "./commands/resize-terminal.ts";
import type { TerminalDeps } from "./deps.ts";
import { mayUse, SessionTable } from "./session-table.ts";

export function createTerminalFeature(deps: TerminalDeps): Feature & { readonly sink: TerminalSink } {
  const table = new SessionTable(deps);
  const listeners = [
    deps.bus.on("vm.state", ({ data }) => {
      const gone = data.kind === "removed" ? data.vmId : data.vm.state === "running" ? null : data.vm.id;
      table.endWhere((session) => session.ref.vmId === gone, "vm_stopped");
    }),
    deps.bus.onSessionsEnded((which) => {
      table.forEach((session) =>
        session.leaveSessions((viewer) =>
          which.kind === "user" ? viewer.userId === which.userId : viewer.sessionId === which.sessionId,
        ),
      );
    }),
  ];
  const state = defineTopic("terminal.state", ({ session, key }) => {
    // One spelling per id: events are published under that one only.
    const id = terminalId.safeParse(/^[1-9]\d{0,9}$/.test(key) ? Number(key) : null);
    if (!id.success) throw new AppError("not_found", "No such terminal");
    return table.find(id.data, session).facts;
  });

  return {
    commands: [
      openTerminal.bind({ ...deps, table }),
      ...[resizeTerminal, detachTerminal, closeTerminal].map((command) => command.bind({ table })),
    ],
    topics: [state],
    sink: createSink(table),
    dispose() {
      for (const listener of listeners) void listener.dispose();
      table.stop();
    },
  };
}

function createSink(table: SessionTable): TerminalSink {
  return {
    input(id, bytes, session, channel) {
      const terminal = table.get(id);
      const viewer = terminal?.viewerOf(channel);
      if (!terminal || viewer?.userId !== session.userId || !mayUse(terminal, session))
        throw new AppError("forbidden", "This socket does not view that terminal");
      terminal.input(bytes);
    },
    ack(id, bytes, channel) {
      table.get(id)?.ack(bytes, channel);
    },
  };
}

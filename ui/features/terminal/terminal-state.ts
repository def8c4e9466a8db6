/** What a terminal page may say about its shell: pure state and its changes. */
import type { EventOf, TerminalId } from "#protocol";
import type { TerminalSize } from "./terminal-size.ts";

type StateEvent = EventOf<"terminal.state">;
export type EndReason = Extract<StateEvent, { kind: "ended" }>["reason"] | "gone" | "refused";

/**
 * `opening` - asked the server; `open` - shell and screen are here;
 * `reconnecting` - the socket is down, the shell goes on; `ended` - there is no shell.
 */
export type TerminalPhase = "opening" | "open" | "reconnecting" | "ended";

export interface TerminalState {
  readonly phase: TerminalPhase;
  readonly terminalId: TerminalId | null;
  /** The size of the shell, which may be another viewer's. */
  readonly size: TerminalSize | null;
  readonly viewers: number;
  /** Why there is no shell, in plain words. */
  readonly endedBecause: string | null;
}

export const opening: TerminalState = {
  phase: "opening",
  terminalId: null,
  size: null,
  viewers: 0,
  endedBecause: null,
};

export function endedState(endedBecause: string): TerminalState {
  return { ...opening, phase: "ended", endedBecause };
}

export function applyTerminalEvent(state: TerminalState, event: StateEvent): TerminalState {
  switch (event.kind) {
    case "changed":
      return { ...state, size: { cols: event.cols, rows: event.rows }, viewers: event.viewers };
    case "ended":
      return endedState(endInWords(event.reason, event.exitCode));
    default:
      return event satisfies never;
  }
}

export function endInWords(reason: EndReason, exitCode: number | null): string {
  switch (reason) {
    case "exit":
      return exitCode === null || exitCode === 0
        ? "The shell has ended."
        : `The shell has ended with code ${exitCode}.`;
    case "closed":
      return "The shell was closed.";
    case "vm_stopped":
      return "The VM has stopped, and its shell with it.";
    case "connection_lost":
      return "The server lost its connection to the VM.";
    case "server_stopping":
      return "The server is stopping. A shell does not survive that.";
    case "gone":
      return "This shell is gone: the server was started anew or the shell has ended.";
    case "refused":
      return "The server refuses a shell.";
    default:
      return reason satisfies never;
  }
}

/** One shell of a VM in the person's terminal, over the terminal frames of the socket. */
import type { Client, TerminalStream } from "#client";
import { RequestError } from "#client";
import type { EventOf, TerminalId, VmId } from "#protocol";
import { CliError } from "../exit.ts";
import { untilClosed } from "../server-link.ts";
import { EscapeFilter } from "./escape-filter.ts";
import type { LocalTerminal, TerminalSize } from "./local-terminal.ts";

export interface SshOptions {
  /** Join the newest open shell instead of starting one. */
  readonly join: boolean;
}

type Ended = Extract<EventOf<"terminal.state">, { kind: "ended" }>;

const END_OF_INPUT = new Uint8Array([4]);

/** Resolves with the shell's exit code; 0 when the person left it. */
export async function runSsh(
  client: Client,
  vmId: VmId,
  local: LocalTerminal,
  options: SshOptions,
): Promise<number> {
  const opened = await client.request("terminal.open", { vmId, ...local.size(), fresh: !options.join });
  const { terminalId } = opened;
  const ended = Promise.withResolvers<number>();
  const closed = untilClosed(client);
  const stream = showOutput(client, terminalId, local, opened.resumed);
  const stops = [
    closed.stop,
    stream.dispose,
    client.subscribe("terminal.state", {
      key: String(terminalId),
      onSnapshot: () => {},
      onEvent: (event) => event.kind === "ended" && settle(event, ended),
      onEnd: () => ended.resolve(0),
      onError: (error) => ended.reject(error),
    }),
    keepOpen(client, vmId, terminalId, local, ended.reject),
  ];
  local.onResize((size) => resize(client, terminalId, size));
  sendInput(local, stream, () => leave(client, terminalId, options, ended.resolve));
  try {
    return await Promise.race([ended.promise, closed.promise]);
  } finally {
    for (const stop of stops) stop();
  }
}

/** With this every restored screen begins: it empties the terminal. */
const RESET = new TextEncoder().encode("\u001bc");

function showOutput(
  client: Client,
  terminalId: TerminalId,
  local: LocalTerminal,
  resumed: boolean,
): TerminalStream {
  let isFirst = true;
  const stream = client.attachTerminal(terminalId, {
    onOutput: (bytes) => local.write(bytes, () => stream.drawn(bytes.length)),
    onRestore(bytes) {
      // A new shell goes on below what the terminal already shows, as ssh does; a joined one brings its own screen.
      const keepsScreen = !local.isTty || (isFirst && !resumed);
      isFirst = false;
      local.write(keepsScreen ? withoutReset(bytes) : bytes, () => stream.drawn(bytes.length));
    },
  });
  return stream;
}

function withoutReset(bytes: Uint8Array): Uint8Array {
  return RESET.every((byte, at) => bytes[at] === byte) ? bytes.subarray(RESET.length) : bytes;
}

function sendInput(local: LocalTerminal, stream: TerminalStream, onLeave: () => void): void {
  const escape = new EscapeFilter();
  local.onInput((typed) => {
    // A script that pipes bytes in means every one of them.
    const { forward, leave: wantsToLeave } = local.isTty
      ? escape.take(typed)
      : { forward: typed, leave: false };
    if (forward.length > 0) stream.send(forward);
    if (wantsToLeave) onLeave();
  });
  local.onInputEnd(() => stream.send(END_OF_INPUT));
}

function settle(event: Ended, ended: PromiseWithResolvers<number>): void {
  if (event.reason === "exit" || event.reason === "closed") return ended.resolve(event.exitCode ?? 0);
  const reasons = {
    vm_stopped: "The VM was stopped",
    connection_lost: "The connection to the VM was lost",
    server_stopping: "The server is stopping",
  } as const;
  ended.reject(new CliError("unavailable", reasons[event.reason]));
}

/** After a lost connection the shell still runs on the server: open it again and its screen comes back. */
function keepOpen(
  client: Client,
  vmId: VmId,
  terminalId: TerminalId,
  local: LocalTerminal,
  fail: (error: unknown) => void,
): () => void {
  let { phase } = client.status;
  return client.onStatus((status) => {
    if (status.phase === phase) return;
    phase = status.phase;
    if (phase !== "online") return;
    client.request("terminal.open", { vmId, terminalId, ...local.size() }).catch((error: unknown) => {
      // Lost again: the next hello tries again.
      if (!(error instanceof RequestError && error.code === "unavailable")) fail(error);
    });
  });
}

function resize(client: Client, terminalId: TerminalId, size: TerminalSize): void {
  // A size that did not arrive is followed by the next one, or by the reopening.
  client.request("terminal.resize", { terminalId, ...size }).catch(() => {});
}

function leave(
  client: Client,
  terminalId: TerminalId,
  options: SshOptions,
  done: (code: number) => void,
): void {
  // A shell of our own would run on with nobody to end it; a joined one belongs to others.
  const name = options.join ? "terminal.detach" : "terminal.close";
  const left = client.request(name, { terminalId });
  left.catch(() => {}).finally(() => done(0));
}

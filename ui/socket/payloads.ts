/**
 * The door for what the server sends: every frame's envelope is parsed; its payload only when `check` is set.
 *
 * The envelope decides what the client does, so it is never believed. A payload is only handed on, by a server
 * of the same build, and a page under a strict content policy has no compiled zod (that needs `eval`), which makes
 * a full snapshot of charts cost milliseconds. So the CLI and development builds check payloads, production pages do not.
 */
import type { CommandName, CommandOutput, EventOf, ServerFrame, SnapshotOf, TopicName } from "#protocol";
import { commands, serverFrame, topics } from "#protocol";
import { RequestError } from "./errors.ts";

/** The frame in `text`, or null when it is none of ours. */
export function parseServerFrame(text: string): ServerFrame | null {
  try {
    return serverFrame.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Throws `invalid_input` with the first field at fault, before anything is sent. */
export function checkInput(name: CommandName, input: unknown): void {
  const issue = commands[name].input.safeParse(input).error?.issues[0];
  if (!issue) return;
  const field = issue.path.map(String).join(".");
  const message = field === "" ? issue.message : `${field}: ${issue.message}`;
  throw new RequestError("invalid_input", message, { ...(field !== "" && { field }) });
}

export function parseOutput<N extends CommandName>(
  name: N,
  output: unknown,
  check: boolean,
): CommandOutput<N> {
  if (check && !commands[name].output.safeParse(output).success) throw unknownShape(name);
  return output as CommandOutput<N>;
}

export function parseSnapshot<T extends TopicName>(topic: T, data: unknown, check: boolean): SnapshotOf<T> {
  if (check && !topics[topic].snapshot.safeParse(data).success) throw unknownShape(topic);
  return data as SnapshotOf<T>;
}

export function parseEvent<T extends TopicName>(topic: T, data: unknown, check: boolean): EventOf<T> {
  if (check && !topics[topic].event.safeParse(data).success) throw unknownShape(topic);
  return data as EventOf<T>;
}

function unknownShape(what: string): RequestError {
  return new RequestError("internal", `The server sent ${what} in an unknown shape; reload or update`);
}

/** Calls one public command over HTTP: before there is a session there is no socket. */
import { type CommandName, type CommandOutput, type CommandRequest, commands, wireError } from "#protocol";
import { RequestError } from "#client";
import { z } from "zod";
import { version } from "../../../package.json";
import { CliError, unreachable } from "../exit.ts";

const errorBody = z.union([z.object({ error: wireError }).transform(({ error }) => error), wireError]);

/** The path and verb are those of the command table; only for paths without placeholders. */
export async function callRest<N extends CommandName>(
  url: string,
  name: N,
  input: CommandRequest<N>,
  token?: string,
): Promise<CommandOutput<N>> {
  const { rest } = commands[name];
  if (!rest) throw new CliError("unsupported", `${name} has no HTTP face`);
  const response = await fetchOr(url, `${url}${rest.path}`, {
    method: rest.method,
    headers: {
      "content-type": "application/json",
      // What the list of sessions shows.
      "user-agent": `twarga/${version}`,
      ...(token && { authorization: `Bearer ${token}` }),
    },
    ...(rest.method !== "GET" && { body: JSON.stringify(input) }),
  });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const error = errorBody.safeParse(body).data;
    if (error) throw RequestError.fromWire(error);
    throw new CliError("unreachable", `${url} answered ${response.status} and is no Twarga server`, 3);
  }
  return parseAnswer(name, body, url);
}

async function fetchOr(url: string, target: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(target, init);
  } catch {
    throw unreachable(url);
  }
}

function parseAnswer<N extends CommandName>(name: N, body: unknown, url: string): CommandOutput<N> {
  const parsed = commands[name].output.safeParse(body);
  if (!parsed.success) throw new CliError("internal", `${url} sent ${name} in an unknown shape`);
  return parsed.data as CommandOutput<N>;
}

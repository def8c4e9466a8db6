/** The real server with the simulated driver, and people who talk to it over both faces. */
import { type Client, createClient } from "#client";
import {
  type CommandName,
  type CommandOutput,
  type CommandRequest,
  commands,
  type WireError,
} from "#protocol";
import { ADMIN_PASSWORD, TestServer } from "../../helpers/start-server.ts";
import { waitFor } from "../../helpers/wait-for.ts";
import { TestSocket } from "../gateway/fixture.ts";

export const PASSWORD = "a password of the tests";

export interface Person {
  readonly token: string;
  readonly client: Client;
}

export async function liveServer(): Promise<TestServer> {
  const server = new TestServer({ driver: "simulated" });
  await server.start();
  return server;
}

async function post(server: TestServer, path: string, body: object): Promise<string> {
  const response = await fetch(server.url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return commands["auth.login"].output.parse(answer).access_token;
}

export async function enter(server: TestServer, username: string): Promise<Person> {
  const token = await (username === "admin"
    ? post(server, "/api/auth/login", { username, password: ADMIN_PASSWORD })
    : post(server, "/api/auth/register", { username, password: PASSWORD }));
  const client = createClient({ url: `ws://127.0.0.1:${server.port}/ws`, token: () => token });
  client.connect();
  await waitFor("the socket", () => client.status.phase === "online");
  return { token, client };
}

/** What a bare socket, which checks nothing itself, is answered. */
export async function callSocket(server: TestServer, token: string, names: readonly CommandName[]) {
  const socket = new TestSocket(server.port, { authorization: `Bearer ${token}` });
  await socket.next("hello");
  const codes = new Map<CommandName, string>();
  for (const [id, name] of names.entries()) {
    socket.send({ t: "command", id: id + 1, name, input: {} });
    codes.set(name, (await socket.next("refusal")).error.code);
  }
  socket.socket.close();
  return codes;
}

/** A request of one command over REST, with ids of 1 and the fields given. */
export async function callRest(
  server: TestServer,
  token: string,
  name: CommandName,
  fields: object = {},
): Promise<{ readonly status: number; readonly error: WireError["code"] | null; readonly text: string }> {
  const { rest } = commands[name];
  if (!rest) throw new Error(`${name} has no path`);
  const path = rest.path.replaceAll(/\{\w+\}/g, "1");
  const hasBody = rest.method !== "GET" && rest.method !== "DELETE";
  const action = "action" in rest ? { action: rest.action } : {};
  const response = await fetch(server.url + path, {
    method: rest.method,
    headers: { authorization: `Bearer ${token}`, ...(hasBody && { "content-type": "application/json" }) },
    ...(hasBody && { body: JSON.stringify({ ...action, ...fields }) }),
  });
  const text = await response.text();
  const code = /"code":"(\w+)"/.exec(text)?.[1] ?? null;
  return { status: response.status, error: code as WireError["code"] | null, text };
}

export function ask<N extends CommandName>(
  { client }: Person,
  name: N,
  input: CommandRequest<N>,
): Promise<CommandOutput<N>> {
  return client.request(name, input);
}

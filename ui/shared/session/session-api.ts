/** Accounts over REST: only an HTTP answer can set or clear the httpOnly cookie. */
import { z } from "zod";
import { RequestError } from "#client";
import type { CommandRequest, RegistrationMode, UserView } from "#protocol";
import { commands, errorCodes, wireError } from "#protocol";

type AuthCommand =
  | "auth.register"
  | "auth.login"
  | "auth.setup"
  | "auth.logout"
  | "auth.me"
  | "auth.options"
  | "auth.changePassword";

const refusal = z.union([wireError, z.object({ error: wireError }).transform((body) => body.error)]);

function refusalOf(status: number, body: unknown): RequestError {
  const parsed = refusal.safeParse(body);
  if (parsed.success) return RequestError.fromWire(parsed.data);
  const code = status === errorCodes.unauthenticated.http ? "unauthenticated" : "unavailable";
  return new RequestError(code, "The server gave an answer that this page does not understand");
}

async function call(name: AuthCommand, input: unknown, signal?: AbortSignal): Promise<unknown> {
  const { method, path } = commands[name].rest ?? { method: "POST", path: "/" };
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: { accept: "application/json", "content-type": "application/json" },
      ...(method === "POST" && { body: JSON.stringify(input) }),
      ...(signal && { signal }),
    });
  } catch (cause) {
    throw new RequestError("unavailable", "The server cannot be reached. Is it running?", { cause });
  }
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw refusalOf(response.status, body);
  return body;
}

export interface SessionApi {
  me(): Promise<UserView>;
  register(input: CommandRequest<"auth.register">): Promise<UserView>;
  login(input: CommandRequest<"auth.login">): Promise<UserView>;
  setup(input: CommandRequest<"auth.setup">): Promise<UserView>;
  changePassword(input: CommandRequest<"auth.changePassword">): Promise<UserView>;
  options(): Promise<RegistrationMode>;
  logout(): Promise<void>;
}

export const sessionApi: SessionApi = {
  me: async () => commands["auth.me"].output.parse(await call("auth.me", {})).user,
  register: async (input) => commands["auth.register"].output.parse(await call("auth.register", input)).user,
  login: async (input) => commands["auth.login"].output.parse(await call("auth.login", input)).user,
  setup: async (input) => commands["auth.setup"].output.parse(await call("auth.setup", input)).user,
  changePassword: async (input) =>
    commands["auth.changePassword"].output.parse(await call("auth.changePassword", input)).user,
  options: async () => commands["auth.options"].output.parse(await call("auth.options", {})).registration,
  logout: async () => {
    await call("auth.logout", {});
  },
};

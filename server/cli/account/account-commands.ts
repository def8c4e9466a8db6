/** `login`, `register`, `logout`, `whoami`. */
import { RequestError } from "#client";
import type { CommandRequest, LoginResult } from "#protocol";
import type { Command } from "commander";
import { askHidden, askLine, readAllStdin } from "../ask.ts";
import { type CliContext, contextOf } from "../cli-context.ts";
import { usageError } from "../exit.ts";
import { forgetSession, requireToken, serverUrl, tokenFor } from "../session-file.ts";
import { keepSession } from "./keep-session.ts";
import { addOwnAccountCommands } from "./own-account-commands.ts";
import { callRest } from "./rest-call.ts";

interface PasswordOptions {
  readonly passwordStdin?: boolean;
  readonly code?: string;
  readonly invitation?: string;
}

export function addAccountCommands(program: Command): void {
  addOwnAccountCommands(program);
  program
    .command("login [username]")
    .description("Log in and keep the session for the commands that follow")
    .option("--password-stdin", "read the password from standard input")
    .option("--code <code>", "code of the authenticator app, or a recovery code")
    .action(async (username: string | undefined, options: PasswordOptions, command: Command) => {
      await enter("auth.login", username, options, contextOf(command));
    });
  program
    .command("register [username]")
    .description("Register an account and log in")
    .option("--password-stdin", "read the password from standard input")
    .option("--invitation <code>", "the part after invitation= of the link you were given")
    .action(async (username: string | undefined, options: PasswordOptions, command: Command) => {
      await enter("auth.register", username, options, contextOf(command));
    });
  program
    .command("logout")
    .description("Revoke the session and forget it here")
    .action(async (_: unknown, command: Command) => logout(contextOf(command)));
  program
    .command("whoami")
    .description("Who is logged in, and where")
    .action(async (_: unknown, command: Command) => whoami(contextOf(command)));
}

async function enter(
  name: "auth.login" | "auth.register",
  givenName: string | undefined,
  options: PasswordOptions,
  context: CliContext,
): Promise<void> {
  const url = serverUrl(context.env, context.url);
  const username = givenName ?? (await askLine("Username"));
  const password = options.passwordStdin ? await readAllStdin() : await askPassword(name);
  const who = { username, password };
  const { code, invitation } = options;
  const answer =
    name === "auth.login"
      ? await login(url, code === undefined ? who : { ...who, code })
      : await callRest(url, name, invitation === undefined ? who : { ...who, invitation });
  keepSession(context, url, answer);
  const { user } = answer;
  context.result({ url, user }, `Logged in at ${url} as ${user.username} (${user.role})`);
  if (user.mustChangePassword)
    context.note("The password was set by somebody else. Choose your own first: twarga account password");
}

/** The server asks for the code only once the password is right. */
async function login(url: string, who: CommandRequest<"auth.login">): Promise<LoginResult> {
  try {
    return await callRest(url, "auth.login", who);
  } catch (error) {
    const isAsked = error instanceof RequestError && error.code === "second_factor_required";
    if (!isAsked || !process.stdin.isTTY) throw error;
    return callRest(url, "auth.login", { ...who, code: await askLine("Code") });
  }
}

async function askPassword(name: "auth.login" | "auth.register"): Promise<string> {
  const password = await askHidden("Password");
  // A typo in a new password would lock its owner out.
  if (name === "auth.register" && (await askHidden("Once more")) !== password) {
    throw usageError("The two passwords differ");
  }
  return password;
}

async function logout(context: CliContext): Promise<void> {
  const url = serverUrl(context.env, context.url);
  const token = tokenFor(context.env, url);
  // Forgotten here even when the server cannot be told: the person wants to be logged out.
  forgetSession(context.env);
  if (token !== null) await callRest(url, "auth.logout", {}, token);
  context.result({ url }, token === null ? "Nobody was logged in" : `Logged out at ${url}`);
}

async function whoami(context: CliContext): Promise<void> {
  const url = serverUrl(context.env, context.url);
  const { user } = await callRest(url, "auth.me", {}, requireToken(context.env, url));
  context.result({ url, user }, `${user.username} (${user.role}) at ${url}`);
}

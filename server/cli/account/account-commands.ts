/** `login`, `register`, `logout`, `whoami`. */
import type { LoginResult } from "#protocol";
import type { Command } from "commander";
import { askHidden, askLine, readAllStdin } from "../ask.ts";
import { type CliContext, contextOf } from "../cli-context.ts";
import { usageError } from "../exit.ts";
import { forgetSession, requireToken, serverUrl, tokenFor, writeSession } from "../session-file.ts";
import { callRest } from "./rest-call.ts";

interface PasswordOptions {
  readonly passwordStdin?: boolean;
}

export function addAccountCommands(program: Command): void {
  program
    .command("login [username]")
    .description("Log in and keep the session for the commands that follow")
    .option("--password-stdin", "read the password from standard input")
    .action(async (username: string | undefined, options: PasswordOptions, command: Command) => {
      await enter("auth.login", username, options, contextOf(command));
    });
  program
    .command("register [username]")
    .description("Register an account and log in")
    .option("--password-stdin", "read the password from standard input")
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
  const answer = await callRest(url, name, { username, password });
  keep(context, url, answer);
  const { user } = answer;
  context.result({ url, user }, `Logged in at ${url} as ${user.username} (${user.role})`);
}

async function askPassword(name: "auth.login" | "auth.register"): Promise<string> {
  const password = await askHidden("Password");
  // A typo in a new password would lock its owner out.
  if (name === "auth.register" && (await askHidden("Once more")) !== password) {
    throw usageError("The two passwords differ");
  }
  return password;
}

function keep(context: CliContext, url: string, answer: LoginResult): void {
  writeSession(context.env, {
    url,
    token: answer.access_token,
    username: answer.user.username,
    expiresAtMs: Date.now() + answer.expires_in * 1000,
  });
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

/** `account password|sessions|2fa|tokens`: what guards the own account. */
import { commands } from "#protocol";
import type { Command } from "commander";
import { askHidden, readAllStdin } from "../ask.ts";
import { type CliContext, contextOf, tableOr } from "../cli-context.ts";
import { usageError } from "../exit.ts";
import { formatMoment, printable } from "../format.ts";
import { withClient } from "../server-link.ts";
import { requireToken, serverUrl } from "../session-file.ts";
import { keepSession } from "./keep-session.ts";
import { callRest } from "./rest-call.ts";
import { addSecondFactorCommands } from "./second-factor-commands.ts";
import { addTokenCommands } from "./token-commands.ts";

export function addOwnAccountCommands(program: Command): void {
  const account = program
    .command("account")
    .description("Your password, sessions, second factor and API tokens");
  account
    .command("password")
    .description(commands["auth.changePassword"].summary)
    .option("--stdin", "read the current and the new password from two lines of standard input")
    .action(async ({ stdin }: { stdin?: boolean }, command: Command) =>
      changePassword(stdin === true, contextOf(command)),
    );
  const sessions = account.command("sessions").description("Where you are logged in");
  sessions
    .command("list", { isDefault: true })
    .description(commands["session.list"].summary)
    .action(async (_: unknown, command: Command) => listSessions(contextOf(command)));
  sessions
    .command("revoke <id>")
    .description(commands["session.revoke"].summary)
    .action(async (sessionId: string, _: unknown, command: Command) => {
      const context = contextOf(command);
      const answer = await withClient(context, (client) => client.request("session.revoke", { sessionId }));
      context.result(answer, "The session has ended");
    });
  sessions
    .command("revoke-others")
    .description(commands["session.revokeOthers"].summary)
    .action(async (_: unknown, command: Command) => {
      const context = contextOf(command);
      const answer = await withClient(context, (client) => client.request("session.revokeOthers", {}));
      context.result(answer, `Ended: ${answer.ended}`);
    });
  addSecondFactorCommands(account);
  addTokenCommands(account);
}

async function readPasswords(fromStdin: boolean) {
  if (fromStdin) {
    const [currentPassword, newPassword] = (await readAllStdin()).split(/\r?\n/);
    if (!currentPassword || !newPassword)
      throw usageError("Standard input needs two lines: current and new password");
    return { currentPassword, newPassword };
  }
  const currentPassword = await askHidden("Current password");
  const newPassword = await askHidden("New password");
  if ((await askHidden("Once more")) !== newPassword) throw usageError("The two passwords differ");
  return { currentPassword, newPassword };
}

/** Over HTTP: the old session, and with it a socket, ends before the answer could be read. */
async function changePassword(fromStdin: boolean, context: CliContext): Promise<void> {
  const url = serverUrl(context.env, context.url);
  const token = requireToken(context.env, url);
  const answer = await callRest(url, "auth.changePassword", await readPasswords(fromStdin), token);
  keepSession(context, url, answer);
  context.result(
    { url, user: answer.user },
    "Password changed; other sessions and all API tokens have ended",
  );
}

async function listSessions(context: CliContext): Promise<void> {
  const answer = await withClient(context, (client) => client.request("session.list", {}));
  context.result(answer, () =>
    tableOr(
      "No sessions",
      ["ID", "FROM", "PROGRAM", "BEGAN", "ENDS", "THIS"],
      answer.sessions.map((session) => [
        session.id,
        printable(session.remoteAddress),
        printable(session.userAgent).slice(0, 40),
        formatMoment(session.createdAtMs),
        formatMoment(session.expiresAtMs),
        session.current ? "yes" : "",
      ]),
    ),
  );
}

/** Keeps the session that a log-in, a registration or a changed password has opened. */
import type { LoginResult } from "#protocol";
import type { CliContext } from "../cli-context.ts";
import { writeSession } from "../session-file.ts";

export function keepSession(context: CliContext, url: string, answer: LoginResult): void {
  writeSession(context.env, {
    url,
    token: answer.access_token,
    username: answer.user.username,
    expiresAtMs: Date.now() + answer.expires_in * 1000,
  });
}

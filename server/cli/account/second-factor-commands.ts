/** `account 2fa on|off|recovery-codes`. */
import { commands } from "#protocol";
import type { Command } from "commander";
import { askHidden, askLine, readAllStdin } from "../ask.ts";
import { type CliContext, contextOf } from "../cli-context.ts";
import { usageError } from "../exit.ts";
import { withClient } from "../server-link.ts";

interface ProofOptions {
  readonly passwordStdin?: boolean;
  readonly code?: string;
}

const passwordStdin = ["--password-stdin", "read the password from standard input"] as const;
const code = ["--code <code>", "code of the authenticator app, or a recovery code"] as const;

export function addSecondFactorCommands(account: Command): void {
  const factor = account.command("2fa").description("A code of an authenticator app besides the password");
  factor
    .command("on")
    .description(commands["totp.begin"].summary)
    .option(...passwordStdin)
    .action(async (options: ProofOptions, command: Command) => begin(options, contextOf(command)));
  factor
    .command("confirm <code>")
    .description(commands["totp.confirm"].summary)
    .action(async (typed: string, _: unknown, command: Command) => confirm(typed, contextOf(command)));
  factor
    .command("off")
    .description(commands["totp.remove"].summary)
    .option(...passwordStdin)
    .option(...code)
    .action(async (options: ProofOptions, command: Command) => {
      const context = contextOf(command);
      const proof = await askProof(options);
      const answer = await withClient(context, (client) => client.request("totp.remove", proof));
      context.result(answer, "The second factor is off");
    });
  factor
    .command("recovery-codes")
    .description(commands["totp.recoveryCodes"].summary)
    .option(...passwordStdin)
    .option(...code)
    .action(async (options: ProofOptions, command: Command) => {
      const context = contextOf(command);
      const proof = await askProof(options);
      const answer = await withClient(context, (client) => client.request("totp.recoveryCodes", proof));
      context.result(answer, () => codesText(answer.recoveryCodes));
    });
}

const askPassword = ({ passwordStdin: fromStdin }: ProofOptions) =>
  fromStdin ? readAllStdin() : askHidden("Password");

async function askProof(options: ProofOptions) {
  return { password: await askPassword(options), code: options.code ?? (await askLine("Code")) };
}

/** At a terminal it goes on to the first code; a script confirms by a second command. */
async function begin(options: ProofOptions, context: CliContext): Promise<void> {
  const password = await askPassword(options);
  const begun = await withClient(context, (client) => client.request("totp.begin", { password }));
  const text = `Secret for your authenticator app: ${begun.secret}\n${begun.otpauthUrl}`;
  if (context.json || !process.stdin.isTTY) {
    context.result(begun, `${text}\nThen: twarga account 2fa confirm <code>`);
    return;
  }
  context.note(text);
  await confirm(await askLine("Code that the app shows"), context);
}

async function confirm(typed: string, context: CliContext): Promise<void> {
  if (typed.trim() === "") throw usageError("The code is empty");
  const answer = await withClient(context, (client) => client.request("totp.confirm", { code: typed }));
  context.result(answer, () => `The second factor is on.\n${codesText(answer.recoveryCodes)}`);
}

function codesText(codes: readonly string[]): string {
  return ["Recovery codes, each good once and not shown again:", ...codes.map((each) => `  ${each}`)].join(
    "\n",
  );
}

/** `admin roster import`: a class from a file. */
import { readFile } from "node:fs/promises";
import type { CommandOutput, RosterRow } from "#protocol";
import type { Command } from "commander";
import { readAllStdin } from "../ask.ts";
import { type CliContext, contextOf, tableOr } from "../cli-context.ts";
import { CliError, usageError } from "../exit.ts";
import { printable } from "../format.ts";
import { withClient } from "../server-link.ts";

interface ImportOptions {
  readonly apply?: boolean;
}

export function addRosterCommands(admin: Command): void {
  const roster = admin.command("roster").description("Accounts of a whole class from a file");
  roster
    .command("import <file>")
    .description("CSV with the header username,email,class,credits,vmQuota,expiresAt; - reads standard input")
    .option("--apply", "make the accounts; without it you see what would happen")
    .addHelpText(
      "after",
      "\nOne-time passwords are printed once, here. Keep the output: --json for a program.",
    )
    .action(async (file: string, options: ImportOptions, command: Command) =>
      importFile(file, options, contextOf(command)),
    );
}

async function importFile(file: string, options: ImportOptions, context: CliContext): Promise<void> {
  const csv = file === "-" ? await readAllStdin() : decodeText(await read(file));
  const dryRun = options.apply !== true;
  const answer = await withClient(context, (client) =>
    client.request("admin.roster.import", { csv, dryRun }),
  );
  context.result(answer, () => rosterTable(answer));
  context.note(summary(answer.rows, dryRun));
  const { length: refused } = answer.rows.filter(({ outcome }) => outcome === "refused");
  if (refused > 0) throw new CliError("refused", `${refused} of ${answer.rows.length} rows are refused`);
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch {
    throw usageError(`The file ${file} cannot be read`);
  }
}

/** Spreadsheets save in UTF-8, in UTF-16 with a mark, or as Windows did of old. */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function rosterTable({ rows }: CommandOutput<"admin.roster.import">): string {
  return tableOr(
    "No rows",
    ["LINE", "USERNAME", "OUTCOME", "PASSWORD", "MESSAGE"],
    rows.map(({ line, username, outcome, password, message }) => [
      String(line),
      printable(username),
      outcome,
      password ?? "-",
      printable(message ?? ""),
    ]),
  );
}

function summary(rows: readonly RosterRow[], dryRun: boolean): string {
  const count = (wanted: RosterRow["outcome"]) => rows.filter(({ outcome }) => outcome === wanted).length;
  const words = (["created", "updated", "unchanged", "refused"] as const)
    .filter((outcome) => count(outcome) > 0)
    .map((outcome) => `${count(outcome)} ${outcome}`)
    .join(", ");
  return dryRun ? `Would be: ${words}. Nothing has changed; --apply does it.` : `${words}.`;
}

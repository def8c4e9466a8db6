/** `soc parse`: reads a log offline, as the SOC reads it live. */
import { type Command, InvalidArgumentError } from "commander";
import { sshKinds } from "../../features/soc/parse/index.ts";
import { parseFile } from "./parse-file.ts";

const MIN_YEAR = 1970;
const MAX_YEAR = 9999;

export function addSocCommands(program: Command): void {
  const soc = program.command("soc").description("Security operations: what the logs say");
  soc
    .command("parse")
    .description("What each line of an SSH log says, as one JSON object per line (FILE - is stdin)")
    .argument("<file>", "auth.log, secure, messages, text of journalctl, ...")
    .option("--year <year>", "year of the first date that names none (default: the last such day)", yearOf)
    .addHelpText(
      "after",
      `\nEach object: line, kind (${sshKinds.join(", ")}),\nuser, source, port, method, time (UTC), attempts`,
    )
    .action(async (file: string, options: { year?: number }) => parseFile(file, options.year));
}

function yearOf(text: string): number {
  const year = Number(text);
  if (!/^\d{4}$/.test(text) || year < MIN_YEAR || year > MAX_YEAR)
    throw new InvalidArgumentError("It must be a year such as 2025.");
  return year;
}

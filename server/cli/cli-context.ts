/** What every command gets: where it writes, what the environment says, and how it asks. */
import type { Command } from "commander";
import { renderTable } from "./table.ts";

export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--json` was given: one JSON document on stdout and nothing else there. */
  readonly json: boolean;
  readonly url: string | undefined;
  /** The result: a document with `--json`, else the text. */
  result(document: unknown, text: string | (() => string)): void;
  /** What a person may like to know on the way; silent with `--json`. */
  note(line: string): void;
}

interface GlobalOptions {
  readonly json?: boolean;
  readonly url?: string;
}

export function contextOf(command: Command): CliContext {
  const options = command.optsWithGlobals<GlobalOptions>();
  const json = options.json === true;
  return {
    env: process.env,
    json,
    url: options.url,
    result(document, text) {
      const shown = json ? JSON.stringify(document, null, 2) : typeof text === "string" ? text : text();
      if (shown !== "") process.stdout.write(`${shown}\n`);
    },
    note(line) {
      if (!json) process.stderr.write(`${line}\n`);
    },
  };
}

/** A table, or a sentence when there is nothing to show. */
export function tableOr(empty: string, header: readonly string[], rows: readonly string[][]): string {
  return rows.length === 0 ? empty : renderTable(header, rows);
}

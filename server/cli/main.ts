#!/usr/bin/env bun
/** `twarga`: runs one command and ends with an exit code a script can rely on. */
import { CommanderError } from "commander";
import { exitCodes, failureLine, toFailure } from "./exit.ts";
import { createProgram } from "./program.ts";

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  process.exitCode = report(error);
}
// Standard input may still be open and would keep the process; what was written to a pipe must get out first.
await flush(process.stdout);
await flush(process.stderr);
process.exit();

function report(error: unknown): number {
  const failure = toFailure(error);
  if (failure === null) {
    // Help and version are thrown too, with code 0; a mere `twarga` shows the help and is no success.
    return error instanceof CommanderError && error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
  process.stderr.write(`${failureLine(failure, process.argv.includes("--json"))}\n`);
  return failure.exitCode;
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once("error", () => resolve());
    // An empty write is answered at once here, while megabytes before it still wait for a slow reader.
    stream.end(() => resolve());
  });
}

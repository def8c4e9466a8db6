/** How a command ends: the exit codes scripts rely on, and the one line a failure leaves on stderr. */
import { RequestError } from "#client";
import { CommanderError } from "commander";
import { printable } from "./format.ts";

export const exitCodes = {
  ok: 0,
  /** The server refused, the work failed, or something is missing. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** No server answers at that address. */
  unreachable: 3,
} as const;

/** A failure of the CLI's own; `code` follows the protocol's error codes. */
export class CliError extends Error {
  override readonly name = "CliError";

  constructor(
    readonly code: string,
    message: string,
    readonly exitCode: number = exitCodes.failed,
  ) {
    super(message);
  }
}

export function usageError(message: string): CliError {
  return new CliError("usage", message, exitCodes.usage);
}

export function unreachable(url: string): CliError {
  return new CliError("unreachable", `No Twarga server answers at ${url}`, exitCodes.unreachable);
}

export interface Failure {
  readonly exitCode: number;
  readonly code: string;
  readonly message: string;
  readonly field?: string;
}

/** Null when commander has already said what there is to say. */
export function toFailure(thrown: unknown): Failure | null {
  if (thrown instanceof CommanderError) return null;
  if (thrown instanceof CliError) {
    return { exitCode: thrown.exitCode, code: thrown.code, message: thrown.message };
  }
  if (thrown instanceof RequestError) {
    const exitCode = thrown.code === "unavailable" ? exitCodes.unreachable : exitCodes.failed;
    const { code, message, field } = thrown;
    return { exitCode, code, message, ...(field !== undefined && { field }) };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { exitCode: exitCodes.failed, code: "internal", message };
}

/** One line, whatever the message holds. */
export function failureLine(failure: Failure, asJson: boolean): string {
  const { code, message, field } = failure;
  if (asJson) return JSON.stringify({ error: { code, message, ...(field !== undefined && { field }) } });
  return `twarga: ${code}: ${printable(message.replaceAll(/\s*\n\s*/g, " "))}`;
}

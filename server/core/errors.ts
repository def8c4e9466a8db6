/** The one error class of the server: a code of the protocol, a message safe for the wire, and the cause for the log. */
import type { ErrorCode, WireError } from "#protocol";

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** Input field at fault, dot separated. */
  readonly field?: string;
  readonly retryAfterMs?: number;
  /** What Vagrant, libvirt or the like printed; shown behind a click, never part of `message`. */
  readonly detail?: string;
}

export class AppError extends Error {
  override readonly name = "AppError";
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly detail: string | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: AppErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.field = options.field;
    this.retryAfterMs = options.retryAfterMs;
    this.detail = options.detail;
  }
}

/** What may leave the server: anything that is not an `AppError` becomes a bare `internal`. */
export function toWireError(thrown: unknown): WireError {
  if (!(thrown instanceof AppError))
    return { code: "internal", message: "Something went wrong on the server" };
  return {
    code: thrown.code,
    message: thrown.message,
    ...(thrown.field !== undefined && { field: thrown.field }),
    ...(thrown.retryAfterMs !== undefined && { retryAfterMs: thrown.retryAfterMs }),
  };
}

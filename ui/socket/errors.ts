/** The one error a caller of the client sees: a code of the protocol and a sentence for a person. */
import type { ErrorCode, WireError } from "#protocol";

export class RequestError extends Error {
  override readonly name = "RequestError";
  /** Input field at fault, dot separated. */
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: { field?: string; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.field = options.field;
    this.retryAfterMs = options.retryAfterMs;
  }

  static fromWire(error: WireError): RequestError {
    return new RequestError(error.code, error.message, error);
  }
}

/** What a request meets when the socket is down; the same words wherever it happens. */
export function disconnected(): RequestError {
  return new RequestError("unavailable", "The connection to the server is down");
}

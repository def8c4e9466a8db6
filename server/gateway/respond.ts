/** HTTP answers of the API: JSON only, never cached, one shape of error. */
import type { WireError } from "#protocol";
import { errorCodes } from "#protocol";

const API_HEADERS = {
  "content-type": "application/json; charset=utf-8",
  "cache-control": "no-store",
} as const;

export function jsonResponse(json: string, status: number): Response {
  return new Response(json, { status, headers: API_HEADERS });
}

/** `status` only for what HTTP says more exactly than the code does (408, 415, 426). */
export function errorResponse(error: WireError, status: number = errorCodes[error.code].http): Response {
  const response = jsonResponse(JSON.stringify({ error }), status);
  if (error.retryAfterMs !== undefined) {
    response.headers.set("retry-after", String(Math.ceil(error.retryAfterMs / 1_000)));
  }
  if (error.code === "unauthenticated") response.headers.set("www-authenticate", "Bearer");
  // The rest of a refused body would be read as the next request.
  if (status === 413 || status === 408) response.headers.set("connection", "close");
  return response;
}

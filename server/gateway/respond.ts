/** HTTP answers of the API: JSON only, never cached, one shape of error. */
import type { TextFile, WireError } from "#protocol";
import { errorCodes } from "#protocol";

const API_HEADERS = {
  "content-type": "application/json; charset=utf-8",
  "cache-control": "no-store",
} as const;

export function jsonResponse(json: string, status: number): Response {
  return new Response(json, { status, headers: API_HEADERS });
}

/** A download: never shown as a page of ours, whatever is in it. */
export function fileResponse({ fileName, mediaType, text }: TextFile): Response {
  // What is left needs no quoting and is no path on any system.
  const safeName = fileName.replaceAll(/[^\w.-]+/g, "_").replace(/^\.+/, "") || "file";
  return new Response(text, {
    headers: {
      "content-type": mediaType.includes("charset=") ? mediaType : `${mediaType}; charset=utf-8`,
      "content-disposition": `attachment; filename="${safeName}"`,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
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

/** Sends a file to the server and tells how far it is; `fetch` cannot tell that. */
import { z } from "zod";
import { RequestError } from "#client";
import { uploadId, wireError } from "#protocol";

const UPLOAD_PATH = "/api/admin/uploads";

const answer = z.object({ uploadId });
const refusal = z.union([wireError, z.object({ error: wireError }).transform((body) => body.error)]);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function outcomeOf(status: number, text: string): string | RequestError {
  const body = parseJson(text);
  const done = answer.safeParse(body);
  if (status === 201 && done.success) return done.data.uploadId;
  const refused = refusal.safeParse(body);
  return refused.success
    ? RequestError.fromWire(refused.data)
    : new RequestError("unavailable", "The server gave an answer that this page does not understand");
}

export interface SendOptions {
  /** 0 to 1. */
  readonly onProgress: (part: number) => void;
  readonly signal: AbortSignal;
}

/** The id of the upload. Rejects with `RequestError`. */
export function sendFile(file: File, { onProgress, signal }: SendOptions): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const request = new XMLHttpRequest();
  const fail = (message: string) => () => reject(new RequestError("unavailable", message));
  request.open("PUT", UPLOAD_PATH);
  request.setRequestHeader("content-type", "application/octet-stream");
  request.upload.addEventListener("progress", ({ loaded, total }) =>
    onProgress(total > 0 ? loaded / total : 0),
  );
  request.addEventListener("load", () => {
    const outcome = outcomeOf(request.status, request.responseText);
    if (typeof outcome === "string") resolve(outcome);
    else reject(outcome);
  });
  request.addEventListener(
    "error",
    fail("The file did not arrive: the connection was lost, or the server refused it"),
  );
  request.addEventListener("abort", fail("The upload was cancelled"));
  signal.addEventListener("abort", () => request.abort(), { once: true });
  request.send(file);
  return promise;
}

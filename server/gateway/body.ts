/** A request body as JSON object: bounded in size and time, UTF-8, `application/json`. */
import { limits } from "#protocol";
import { parseJson } from "./json.ts";

/** A body that trickles in for longer is given up. */
const BODY_TIMEOUT_MS = 10_000;

export type BodyFault = "too_large" | "too_slow" | "not_json" | "wrong_type";

export type Body =
  | { readonly ok: true; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly fault: BodyFault };

const faulty = (name: BodyFault): Body => ({ ok: false, fault: name });

export async function readBody(request: Request): Promise<Body> {
  if (Number(request.headers.get("content-length") ?? 0) > limits.maxFrameBytes) return faulty("too_large");
  const bytes = await readBytes(request);
  if (!(bytes instanceof Uint8Array)) return faulty(bytes);
  if (bytes.length === 0) return { ok: true, fields: {} };
  // Also keeps foreign pages out: a form cannot send this type without asking first.
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json *(; *charset="?utf-8"?)? *$/i.test(type)) return faulty("wrong_type");
  const text = decodeUtf8(bytes);
  const json = text === null ? null : parseJson(text);
  return json?.ok && isObject(json.value) ? { ok: true, fields: json.value } : faulty("not_json");
}

/** By hand and not with `request.text()`, which would hold a body without an end until memory is gone. */
async function readBytes(request: Request): Promise<Uint8Array | "too_large" | "too_slow"> {
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  const deadline = Promise.withResolvers<"too_slow">();
  const timer = setTimeout(() => deadline.resolve("too_slow"), BODY_TIMEOUT_MS);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const next = await Promise.race([reader.read(), deadline.promise]);
      if (next === "too_slow") return next;
      if (next.done) return Buffer.concat(chunks);
      size += next.value.length;
      if (size > limits.maxFrameBytes) return "too_large";
      chunks.push(next.value);
    }
  } finally {
    clearTimeout(timer);
    // A peer that is already gone rejects this, which changes nothing.
    reader.cancel().catch(() => {});
  }
}

/** A byte order mark stays in the text, where JSON refuses it. */
function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `Idempotency-Key`: a request that is sent again, because its answer was lost, does not run again. */
import type { ErrorCode, RestSpec, WireError } from "#protocol";
import { errorCodes } from "#protocol";
import type { IdempotencyStore } from "../core/ports.ts";
import type { Session } from "../core/caller.ts";
import type { Outcome } from "./dispatch.ts";
import { errorResponse, jsonResponse } from "./respond.ts";

export const KEY_HEADER = "idempotency-key";
/** Visible ASCII: no two that look alike, none that a proxy rewrites. */
export const KEY_RULE = "1 to 128 visible ASCII characters";
const KEY = /^[\x21-\x7e]{1,128}$/;
const RETRY_AFTER_MS = 1_000;

/** Refusals before anything was begun: the request may be mended or sent later under the same key. */
const BEFORE_WORK: ReadonlySet<ErrorCode> = new Set([
  "bad_frame",
  "unknown_command",
  "invalid_input",
  "unauthenticated",
  "second_factor_required",
  "password_change_required",
  "forbidden",
  "rate_limited",
  "unavailable",
]);

export type KeyOf = { readonly ok: true; readonly key: string | null } | { readonly ok: false };

interface KeyableRoute {
  readonly method: RestSpec["method"];
  readonly entries: readonly { readonly rest: RestSpec }[];
}

/** Only `POST` needs one; and what opens or closes a session cannot be given again from a store. */
export function keyOf(request: Request, route: KeyableRoute): KeyOf {
  const key = request.headers.get(KEY_HEADER);
  const isMeant = route.method === "POST" && route.entries.every(({ rest }) => rest.session === undefined);
  if (key === null || !isMeant) return { ok: true, key: null };
  return KEY.test(key) ? { ok: true, key } : { ok: false };
}

/** SHA-256 of the command and its input, whatever the order of members. */
export function fingerprintOf(name: string, input: unknown): string {
  return new Bun.CryptoHasher("sha256").update(`${name} ${canonical(input)}`).digest("hex");
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export interface KeyedRequest {
  readonly session: Session;
  readonly key: string;
  readonly fingerprint: string;
  /** Of success. */
  readonly status: number;
}

const MISMATCH: WireError = {
  code: "idempotency_mismatch",
  message: "This Idempotency-Key was used for another request",
};
const BUSY: WireError = {
  code: "conflict",
  message: "The first request with this Idempotency-Key is still at work",
  retryAfterMs: RETRY_AFTER_MS,
};

/** Runs it when nobody did; else gives the first answer again. After a crash it runs again, and the feature finds what it had begun. */
export async function onlyOnce(
  store: IdempotencyStore,
  { session: { userId }, key, fingerprint, status }: KeyedRequest,
  run: (requestKey: string) => Outcome | Promise<Outcome>,
): Promise<Response> {
  const state = store.begin(userId, key, fingerprint);
  if (state.kind === "mismatch") return errorResponse(MISMATCH);
  if (state.kind === "busy") return errorResponse(BUSY);
  if (state.kind === "done") {
    const response = jsonResponse(state.body, state.status);
    response.headers.set("idempotency-replayed", "true");
    return response;
  }
  // Dispatch never throws: whatever the command does becomes an outcome.
  const outcome = await run(state.requestKey);
  if (outcome.ok) {
    store.finish(userId, key, status, outcome.json);
    return jsonResponse(outcome.json, status);
  }
  const { error } = outcome;
  if (BEFORE_WORK.has(error.code)) store.abandon(userId, key);
  else store.finish(userId, key, errorCodes[error.code].http, JSON.stringify({ error }));
  return errorResponse(error);
}

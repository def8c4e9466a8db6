/** The same commands as HTTP: one route per path of the command table, the same dispatch, the same errors. */
import type { CommandName, RestSpec, WireError } from "#protocol";
import { commands, loginResult, textFile } from "#protocol";
import type { Caller } from "../core/caller.ts";
import { AppError, toWireError } from "../core/errors.ts";
import type { IdempotencyStore, SessionGate } from "../core/ports.ts";
import type { BodyFault } from "./body.ts";
import { readBody } from "./body.ts";
import type { Dispatch, Outcome } from "./dispatch.ts";
import type { Identity } from "./identity.ts";
import { expiredCookie, identify, sessionCookie } from "./identity.ts";
import { fingerprintOf, KEY_RULE, keyOf, onlyOnce } from "./only-once.ts";
import type { OriginRules } from "./origin.ts";
import { errorResponse, fileResponse, jsonResponse } from "./respond.ts";
import { restInput } from "./rest-input.ts";

export interface RestRoute {
  readonly method: RestSpec["method"];
  /** With `{field}` placeholders. */
  readonly path: string;
  /** More than one when the body's `action` picks. */
  readonly entries: readonly RestEntry[];
}

export interface RestEntry {
  readonly name: CommandName;
  readonly rest: RestSpec;
}

/** The routes of the command table, entries of one method and path together. */
export function restRoutes(): RestRoute[] {
  const routes = new Map<string, { method: RestSpec["method"]; path: string; entries: RestEntry[] }>();
  for (const [name, { rest }] of restEntries()) {
    const id = `${rest.method} ${rest.path}`;
    const route = routes.get(id) ?? { method: rest.method, path: rest.path, entries: [] };
    route.entries.push({ name, rest });
    routes.set(id, route);
  }
  return [...routes.values()];
}

function restEntries(): [CommandName, { rest: RestSpec }][] {
  const found: [CommandName, { rest: RestSpec }][] = [];
  for (const name of Object.keys(commands).filter((key): key is CommandName =>
    Object.hasOwn(commands, key),
  )) {
    const spec: { rest?: RestSpec } = commands[name];
    if (spec.rest) found.push([name, { rest: spec.rest }]);
  }
  return found;
}

export interface RestDeps {
  readonly gate: SessionGate;
  readonly dispatch: Dispatch;
  readonly origins: OriginRules;
  /** Absent: the header is not looked at. */
  readonly idempotency?: IdempotencyStore | undefined;
}

export interface RestCall {
  readonly request: Request;
  readonly params: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
}

const bodyErrors = {
  too_large: [413, { code: "too_large", message: "The body is over 64 KiB" }],
  too_slow: [408, { code: "bad_frame", message: "The body did not arrive in time" }],
  not_json: [400, { code: "bad_frame", message: "The body is not a JSON object, or names a member twice" }],
  wrong_type: [415, { code: "bad_frame", message: "Send the body as application/json in UTF-8" }],
} as const satisfies Record<BodyFault, readonly [number, WireError]>;

export async function callRest(deps: RestDeps, route: RestRoute, call: RestCall): Promise<Response> {
  const { request } = call;
  const identity = await identify(request, deps.gate);
  if (isForged(deps.origins, route, request, identity)) {
    return errorResponse({ code: "forbidden", message: "Requests of other sites are refused" });
  }
  const keyed = keyOf(request, route);
  if (!keyed.ok) return errorResponse(identity.session === null ? LOGIN_FIRST : WRONG_KEY);
  const hasBody = route.method === "POST" || route.method === "PATCH";
  const body = hasBody ? await readBody(request) : { ok: true as const, fields: {} };
  if (!body.ok) {
    const [status, error] = bodyErrors[body.fault];
    return errorResponse(error, status);
  }
  const query = hasBody ? new URLSearchParams() : new URL(request.url).searchParams;
  const caller: Caller = {
    session: identity.session,
    face: "rest",
    remoteAddress: call.remoteAddress,
    userAgent: request.headers.get("user-agent")?.slice(0, 256) ?? "",
    channel: null,
  };
  const picked = pick(route, body.fields);
  if (!picked.ok) return errorResponse(identity.session === null ? LOGIN_FIRST : picked.error);
  const { name, rest } = picked.entry;
  const input = inputOf(name, { path: call.params, query, body: picked.fields });
  // A refused input of somebody without a session must say nothing about fields: dispatch checks rights first.
  if (identity.session === null)
    return toResponse(request, rest, await deps.dispatch(name, input.ok ? input.value : {}, caller));
  if (!input.ok) return toResponse(request, rest, input);

  const { key } = keyed;
  if (key === null || !deps.idempotency)
    return toResponse(request, rest, await deps.dispatch(name, input.value, caller));
  const keyedRequest = {
    ...{ session: identity.session, key, fingerprint: fingerprintOf(name, input.value) },
    status: rest.status ?? 200,
  };
  return onlyOnce(deps.idempotency, keyedRequest, (requestKey) =>
    deps.dispatch(name, input.value, { ...caller, requestKey }),
  );
}

const WRONG_KEY: WireError = { code: "invalid_input", message: `Idempotency-Key must be ${KEY_RULE}` };
const LOGIN_FIRST: WireError = { code: "unauthenticated", message: "Log in first" };

/** A page of another site may make a browser send requests, cookie included. It cannot make it send a bearer token. */
function isForged(origins: OriginRules, route: RestRoute, request: Request, identity: Identity): boolean {
  if (route.method === "GET" || identity.by === "bearer") return false;
  const verdict = origins.judge(request);
  if (verdict !== "absent") return verdict === "foreign";
  const site = request.headers.get("sec-fetch-site");
  return site !== null && site !== "same-origin" && site !== "none";
}

type Picked =
  | { readonly ok: true; readonly entry: RestEntry; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly error: WireError };

function pick(route: RestRoute, fields: Readonly<Record<string, unknown>>): Picked {
  const [only] = route.entries;
  if (only && only.rest.action === undefined) return { ok: true, entry: only, fields };
  const { action, ...rest } = fields;
  const entry = route.entries.find((candidate) => candidate.rest.action === action);
  if (entry) return { ok: true, entry, fields: rest };
  const allowed = route.entries.map((candidate) => candidate.rest.action).join(", ");
  return {
    ok: false,
    error: { code: "invalid_input", message: `action must be one of ${allowed}`, field: "action" },
  };
}

function inputOf(name: CommandName, parts: Parameters<typeof restInput>[1]) {
  try {
    return { ok: true as const, value: restInput(commands[name].input, parts) };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return { ok: false as const, error: toWireError(thrown) };
  }
}

function toResponse(request: Request, rest: RestSpec, outcome: Outcome): Response {
  if (!outcome.ok) return errorResponse(outcome.error);
  if (rest.reply === "file") return fileResponse(textFile.parse(outcome.output));
  const response = jsonResponse(outcome.json, rest.status ?? 200);
  if (rest.session === "opens") {
    response.headers.append("set-cookie", sessionCookie(request, loginResult.parse(outcome.output)));
  } else if (rest.session === "closes") response.headers.append("set-cookie", expiredCookie(request));
  return response;
}

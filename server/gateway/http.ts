/** The HTTP routes: `/ws`, `/api`, `/docs`, `/health` and the user interface, each behind the same guard. */
import { SUBPROTOCOL } from "#protocol";
import type { Elysia } from "elysia";
import type { Log } from "../core/log.ts";
import type { IdempotencyStore, SessionGate } from "../core/ports.ts";
import type { Dispatch } from "./dispatch.ts";
import { docsResponse } from "./docs-page.ts";
import { secured } from "./headers.ts";
import { openApiJson } from "./openapi.ts";
import { MethodTable } from "./method-table.ts";
import type { OriginRules } from "./origin.ts";
import { errorResponse, jsonResponse } from "./respond.ts";
import { callRest, restRoutes } from "./rest.ts";
import type { SocketDeps } from "./socket.ts";
import { Socket } from "./socket.ts";
import { createStaticFiles } from "./static.ts";
import { judgeUpgrade } from "./upgrade.ts";
import { type ReceiveUpload, UPLOAD_PATH } from "./uploads.ts";

export interface Health {
  readonly status: string;
  readonly version: string;
  readonly driver: string;
  readonly uptimeSeconds: number;
}

export interface HttpDeps {
  readonly gate: SessionGate;
  readonly dispatch: Dispatch;
  readonly origins: OriginRules;
  readonly socketDeps: SocketDeps;
  readonly log: Log;
  readonly publicDir: string | null;
  readonly idempotency?: IdempotencyStore | undefined;
  readonly receiveUpload: ReceiveUpload;
  newSocketId(): string;
  health(): Health;
  ready(): boolean;
}

/** What a handler uses of Elysia's context; the body is read by us, so Elysia must not parse it. */
interface Http {
  readonly request: Request;
  readonly params: Readonly<Record<string, string>>;
  readonly server: Bun.Server<unknown> | null;
}

type Handler = (http: Http) => Response | undefined | Promise<Response | undefined>;

export function addRoutes(app: Elysia, deps: HttpDeps): void {
  // First, because Elysia gives hooks only to the routes that follow.
  app.onError(({ error, code }) => {
    if (code === "NOT_FOUND") return secured(notFound());
    deps.log.error({ err: error }, "request");
    return secured(errorResponse({ code: "internal", message: "Something went wrong on the server" }));
  });
  const methods = new MethodTable();
  const route = (method: string, path: string, handler: Handler) => {
    methods.add(method, path);
    const guarded = guard(deps, handler);
    app.route(method, path, ({ request, params = {}, server }) => guarded({ request, params, server }), {
      parse: "none",
    });
  };
  const routes = restRoutes();
  let openApi: string | null = null;
  const statics = createStaticFiles(deps.publicDir);

  route("GET", "/health", () => jsonResponse(JSON.stringify(deps.health()), 200));
  route("GET", "/ws", (http) => openSocket(deps, http));
  for (const entry of routes) {
    route(entry.method, entry.path.replaceAll(/\{(\w+)\}/g, ":$1"), ({ request, params, server }) =>
      deps.ready()
        ? callRest(deps, entry, { request, params, remoteAddress: addressOf(request, server) })
        : NOT_READY(),
    );
  }
  route("PUT", UPLOAD_PATH, ({ request }) => (deps.ready() ? deps.receiveUpload(request) : NOT_READY()));
  const docs: Handler = ({ request }) => {
    const name = new URL(request.url).pathname.replace(/^\/docs\/?/, "");
    return docsResponse(name, () => (openApi ??= openApiJson(routes, deps.health().version))) ?? notFound();
  };
  route("GET", "/docs", docs);
  route("GET", "/docs/*", docs);
  // Elysia answers HEAD by the GET routes above, so what comes here with a known path has a verb it does not know.
  app.all("/*", ({ request, server }) => guard(deps, elsewhere)({ request, params: {}, server }), {
    parse: "none",
  });
  async function elsewhere({ request }: Http): Promise<Response> {
    const { pathname } = new URL(request.url);
    const allowed = methods.of(pathname);
    if (allowed !== null) return wrongMethod(allowed);
    if (/^\/api(?:\/|$)/.test(pathname)) return notFound();
    if (request.method !== "GET" && request.method !== "HEAD") return wrongMethod("GET, HEAD");
    return (await statics.respond(request, pathname)) ?? notFound();
  }
}

const NOT_READY = () =>
  errorResponse({ code: "unavailable", message: "The server is starting", retryAfterMs: 1_000 });
const notFound = () =>
  errorResponse({ code: "unknown_command", message: "There is nothing at this address" });
const wrongMethod = (allow: string) => {
  const message = `This address answers ${allow} only`;
  const response = errorResponse({ code: "unknown_command", message }, 405);
  response.headers.set("allow", allow);
  return response;
};

function guard(deps: HttpDeps, handler: Handler): Handler {
  return async (http) => {
    if (!deps.origins.isKnownHost(http.request)) {
      return secured(errorResponse({ code: "forbidden", message: "This host name is not served here" }));
    }
    const response = await handler(http);
    return response && secured(response);
  };
}

async function openSocket(deps: HttpDeps, { request, server }: Http): Promise<Response | undefined> {
  if (!deps.ready()) return NOT_READY();
  const verdict = await judgeUpgrade(request, deps.gate, deps.origins);
  if (!verdict.ok) {
    deps.log.info({ address: addressOf(request, server), code: verdict.error.code }, "socket refused");
    return errorResponse(verdict.error, verdict.status);
  }
  const socket = new Socket(deps.socketDeps, {
    id: deps.newSocketId(),
    remoteAddress: addressOf(request, server),
    userAgent: request.headers.get("user-agent")?.slice(0, 256) ?? "",
    admission: verdict.admission,
  });
  // Elysia's own socket handlers call `open`, `message`, `drain` and `close` of this object.
  if (server?.upgrade(request, { data: socket, headers: { "sec-websocket-protocol": SUBPROTOCOL } }))
    return undefined;
  return errorResponse({ code: "bad_frame", message: "The WebSocket handshake is broken" });
}

function addressOf(request: Request, server: Bun.Server<unknown> | null): string {
  return server?.requestIP(request)?.address ?? "";
}

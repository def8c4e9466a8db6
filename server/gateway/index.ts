/** The front door: everything between the wire and the commands. `app.ts` calls `createGateway` and starts it. */
import { randomUUID } from "node:crypto";
import type { HelloFrame } from "#protocol";
import { limits } from "#protocol";
import { Elysia } from "elysia";
import type { Bus } from "../core/bus.ts";
import type { Clock } from "../core/clock.ts";
import type { BoundCommand } from "../core/command.ts";
import type { Disposable } from "../core/disposable.ts";
import { DisposableStack } from "../core/disposable.ts";
import type { AuditSink } from "../core/event-log.ts";
import type { Log } from "../core/log.ts";
import type { IdempotencyStore, SessionGate, TerminalSink } from "../core/ports.ts";
import type { UploadSink } from "../core/uploads.ts";
import type { BoundTopic } from "../core/topic.ts";
import { createDispatch } from "./dispatch.ts";
import type { Health, HttpDeps } from "./http.ts";
import { addRoutes } from "./http.ts";
import { collectImplementations } from "./implementations.ts";
import { createOriginRules } from "./origin.ts";
import { Sockets } from "./sockets.ts";
import type { SocketDeps } from "./socket.ts";
import { createUploads } from "./uploads.ts";
import { Subscriptions } from "./subscriptions.ts";

/** Our own limits (outbox.ts) work far below; past this Bun would drop frames without a word. */
const BACKPRESSURE_LIMIT_BYTES = 32 * 1024 * 1024;
/** Bun refuses larger bodies before a handler runs; ours answers from 64 KiB on with an error of the API. */
const MAX_REQUEST_BYTES = 1024 * 1024;
/** Slow senders of requests are cut after this by Bun. */
const IDLE_TIMEOUT_S = 30;
/** Time for close frames to leave before connections are cut. */
const STOP_GRACE_MS = 200;

export interface GatewayDeps {
  readonly commands: readonly BoundCommand[];
  readonly topics: readonly BoundTopic[];
  readonly bus: Bus;
  readonly gate: SessionGate;
  readonly terminals: TerminalSink;
  readonly audit?: AuditSink;
  /** Answers of keyed requests; absent: keys are not looked at. */
  readonly idempotency?: IdempotencyStore;
  readonly clock: Clock;
  readonly log: Log;
  hello(): Pick<HelloFrame, "version" | "driver">;
  /** New for every server start. */
  readonly epoch: string;
  /** Origins allowed besides the server's own. */
  readonly origins: readonly string[];
  /** Where uploaded files go; absent: nothing can be uploaded. */
  readonly uploads?: UploadSink;
  /** The built user interface, or null. */
  readonly publicDir: string | null;
  health(): Health;
  /** While false, commands and sockets are refused with `unavailable`. */
  ready(): boolean;
  /** Allow gaps in the tables: for tests of one feature. */
  readonly partial?: boolean;
  /** Parse outputs and events by their schemas; for tests and development. */
  readonly checkPayloads?: boolean;
}

export interface Gateway extends Disposable {
  readonly app: Elysia;
  start(address: { readonly port: number; readonly host: string }): { readonly port: number };
  /** Open sockets. */
  readonly socketCount: number;
  /** Users who have one. */
  readonly onlineUserCount: number;
  /** Closes every socket with `service_restart` and stops listening. */
  dispose(): Promise<void>;
}

export function createGateway(deps: GatewayDeps): Gateway {
  const { clock, log, bus } = deps;
  const { commands, topics } = collectImplementations(deps.commands, deps.topics, deps.partial ?? false);
  const checkOutput = deps.checkPayloads ?? false;
  const stack = new DisposableStack();
  let boundHost = "127.0.0.1";

  const dispatch = createDispatch({ commands, clock, log, audit: deps.audit, checkOutput });
  const subscriptions: Subscriptions = new Subscriptions({
    topics,
    bus,
    clock,
    log,
    epoch: deps.epoch,
    checkOutput,
    publish: (native, text) => app.server?.publish(native, text) ?? text.length,
    sweepSoon: () => sockets.sweepSoon(),
  });
  const sockets = new Sockets(clock, () => subscriptions.tick());
  stack.use(subscriptions);
  stack.use(sockets);
  stack.use(bus.onSessionsEnded((which) => sockets.endSessions(which)));

  const socketDeps: SocketDeps = {
    ...deps,
    dispatch,
    subscriptions,
    hello: () => deps.hello(),
    onOpen: (socket) => sockets.opened(socket),
    onAuthenticated: (socket, userId) => sockets.authenticated(socket, userId),
    onGone: (socket) => sockets.gone(socket),
  };
  const origins = createOriginRules(deps.origins, () => boundHost);
  const receiveUpload = createUploads({ ...deps, origins });
  const http: HttpDeps = { ...deps, dispatch, origins, socketDeps, receiveUpload, newSocketId: randomUUID };
  // Bodies are read by us, each with its own limit; one limit of the runtime is for all routes.
  const app = createApp(Math.max(MAX_REQUEST_BYTES, (deps.uploads?.maxBytes ?? 0) + MAX_REQUEST_BYTES));
  addRoutes(app, http);

  return {
    app,
    get socketCount() {
      return sockets.count;
    },
    get onlineUserCount() {
      return sockets.userCount;
    },
    start({ port, host }) {
      boundHost = host;
      app.listen({ port, hostname: host });
      return { port: app.server?.port ?? port };
    },
    async dispose() {
      sockets.endAll("service_restart");
      if (app.server) {
        await Bun.sleep(STOP_GRACE_MS);
        await app.stop(true);
      }
      await stack.dispose();
    },
  };
}

function createApp(maxRequestBodySize: number): Elysia {
  return new Elysia({
    // A second server on the same port must fail, not share it.
    serve: { reusePort: false, maxRequestBodySize, idleTimeout: IDLE_TIMEOUT_S },
    websocket: {
      maxPayloadLength: limits.maxFrameBytes,
      backpressureLimit: BACKPRESSURE_LIMIT_BYTES,
      perMessageDeflate: false,
      sendPings: true,
    },
  });
}

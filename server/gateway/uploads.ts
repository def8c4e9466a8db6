/** `PUT /api/admin/uploads`: a file of an administrator goes to the disk as it comes, and to nowhere when it does not come whole. */
import type { WireError } from "#protocol";
import type { Session } from "../core/caller.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { SessionGate } from "../core/ports.ts";
import type { IncomingFile, UploadSink } from "../core/uploads.ts";
import { attemptAsync } from "./attempt.ts";
import type { Identity } from "./identity.ts";
import { identify } from "./identity.ts";
import type { OriginRules } from "./origin.ts";
import { errorResponse, jsonResponse } from "./respond.ts";

export const UPLOAD_PATH = "/api/admin/uploads";
/** A sender that is silent for longer has gone, or wants to hold a place. */
const STALL_MS = 20_000;
/** 8 GB at 10 Mbit/s; whoever is slower carries the disk here. */
const WHOLE_MS = 2 * 3_600_000;
/** Every one writes to the same disk. */
const AT_ONCE = 2;

export interface UploadDeps {
  readonly gate: SessionGate;
  readonly origins: OriginRules;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent where nothing can be uploaded, e.g. in tests of other things. */
  readonly uploads?: UploadSink | undefined;
}

export type ReceiveUpload = (request: Request) => Promise<Response>;

export function createUploads(deps: UploadDeps): ReceiveUpload {
  let running = 0;
  return async (request) => {
    const { uploads } = deps;
    const identity = await identify(request, deps.gate);
    const refused = refusal(deps, request, identity);
    if (refused !== null || !uploads || identity.session === null) return closing(refused ?? NOTHING_HERE);
    if (running >= AT_ONCE) return closing([BUSY]);
    running += 1;
    try {
      return await receive({ ...deps, uploads }, request, identity.session);
    } finally {
      running -= 1;
    }
  };
}

type Refusal = readonly [WireError, number?];

const NOTHING_HERE: Refusal = [{ code: "unknown_command", message: "There is nothing at this address" }];
const BUSY: WireError = {
  code: "rate_limited",
  message: "Other files are on their way in; try again in a minute",
  retryAfterMs: 60_000,
};
const tooLarge = (maxBytes: number): Refusal => [
  { code: "too_large", message: `The file is over ${maxBytes} bytes` },
];
const EMPTY: Refusal = [{ code: "bad_frame", message: "The body is empty; send the file as it is" }];
const TOO_SLOW: Refusal = [{ code: "bad_frame", message: "The file did not arrive in time" }, 408];
const CUT_OFF: Refusal = [{ code: "bad_frame", message: "The file did not arrive whole" }];
const WRONG_TYPE: Refusal = [
  { code: "bad_frame", message: "Send the file itself as application/octet-stream" },
  415,
];

function refusal({ origins, uploads }: UploadDeps, request: Request, identity: Identity): Refusal | null {
  const { session } = identity;
  if (session === null) return [{ code: "unauthenticated", message: "Log in first" }];
  // A browser names the page in every request of this kind, so that a cookie alone proves nothing.
  if (identity.by === "cookie" && origins.judge(request) !== "own")
    return [{ code: "forbidden", message: "Requests of other sites are refused" }];
  if (session.role !== "admin") return [{ code: "forbidden", message: "Only an administrator may do this" }];
  if (session.scope !== "write") return [{ code: "forbidden", message: "This token may only read" }];
  if (session.mustChangePassword)
    return [{ code: "password_change_required", message: "Change your password first" }];
  if (!uploads) return NOTHING_HERE;
  if (!/^application\/octet-stream *(;|$)/i.test(request.headers.get("content-type") ?? ""))
    return WRONG_TYPE;
  if (Number(request.headers.get("content-length") ?? 0) > uploads.maxBytes)
    return tooLarge(uploads.maxBytes);
  return request.body === null ? EMPTY : null;
}

/** The rest of a refused file would be read as the next request. */
function closing([error, status]: Refusal): Response {
  const response = errorResponse(error, status);
  response.headers.set("connection", "close");
  return response;
}

type Receiving = UploadDeps & { readonly uploads: UploadSink };

async function receive(deps: Receiving, request: Request, session: Session): Promise<Response> {
  const { uploads, gate, log } = deps;
  const promised = Number(request.headers.get("content-length") ?? 0);
  const opened = await attemptAsync(log, "upload", () => uploads.begin(promised));
  if (!opened.ok) return closing([opened.error]);
  const file = opened.value;
  const stored = await attemptAsync(log, "upload", () => store(deps, request, file));
  const outcome = stored.ok ? stored.value : ([stored.error] as const);
  // Rights may have ended while it came in.
  const isAllowed = gate.current(session.sessionId)?.role === "admin";
  if (typeof outcome !== "number" || !isAllowed) {
    await file.discard();
    return closing(typeof outcome === "number" ? [{ code: "forbidden", message: "Log in again" }] : outcome);
  }
  await file.commit();
  log.info({ user: session.username, sizeBytes: outcome }, "file uploaded");
  return jsonResponse(JSON.stringify({ uploadId: file.id, sizeBytes: outcome }), 201);
}

/** The number of bytes, or why it is not taken. */
async function store(
  { clock, uploads }: Receiving,
  request: Request,
  file: IncomingFile,
): Promise<number | Refusal> {
  const reader = request.body?.getReader();
  if (!reader) return EMPTY;
  const until = clock.now() + WHOLE_MS;
  let size = 0;
  try {
    for (;;) {
      const next = await withLimit(clock, reader.read());
      if (next === "stalled" || clock.now() > until) return TOO_SLOW;
      if (next === "cut off") return CUT_OFF;
      if (next.done) return size === 0 ? EMPTY : size;
      size += next.value.length;
      if (size > uploads.maxBytes) return tooLarge(uploads.maxBytes);
      await file.write(next.value);
    }
  } finally {
    // A peer that is already gone rejects this, which changes nothing.
    reader.cancel().catch(() => {});
  }
}

async function withLimit<T>(clock: Clock, reading: Promise<T>): Promise<T | "stalled" | "cut off"> {
  const stalled = Promise.withResolvers<"stalled">();
  const timer = clock.after(STALL_MS, () => stalled.resolve("stalled"));
  try {
    return await Promise.race([reading.catch(() => "cut off" as const), stalled.promise]);
  } finally {
    void timer.dispose();
  }
}

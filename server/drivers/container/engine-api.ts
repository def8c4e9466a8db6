/** The part of the Docker Engine API (v1.41, https://docs.docker.com/reference/api/engine/version/v1.41/) that the driver speaks, over a Unix socket. */
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import type { DriverRun } from "../vm-driver.ts";

const BASE = "/v1.41";
/** No answer of a healthy engine takes longer, but for waits and floods, which give their own. */
const ANSWER_MS = 60_000;

type Run = Pick<DriverRun, "signal" | "program">;

export interface EngineRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly json?: unknown;
  readonly body?: Blob | Uint8Array<ArrayBuffer>;
  /**
   * Reports it as a program of the job. The job's end does not cut the request: the engine would go on with it unseen,
   * so it is awaited, and the job ends after it.
   */
  readonly run?: Run;
  /** Cuts the request itself: for streams alone. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface EngineAnswer {
  readonly status: number;
  readonly response: Response;
}

export interface EngineApi {
  readonly socket: string;
  /** Any status below 400. Throws `not_found`, `conflict` or `driver_failed` with the engine's own words as detail. */
  call(request: EngineRequest): Promise<Response>;
  read<S extends z.ZodType>(schema: S, request: EngineRequest): Promise<z.output<S>>;
  /** True when an engine answers. */
  ping(): Promise<boolean>;
}

const problem = z
  .object({ message: z.string() })
  .or(z.object({ cause: z.string() }).transform(({ cause }) => ({ message: cause })));

export function pathOf({ path, query = {} }: Pick<EngineRequest, "path" | "query">): string {
  const text = new URLSearchParams(
    Object.entries(query).map(([name, value]) => [name, String(value)]),
  ).toString();
  return `${BASE}${path}${text === "" ? "" : `?${text}`}`;
}

/** `revive` brings a dead engine back, once per failed request; a request that found no engine has done nothing. */
export function createEngineApi(socket: string, revive?: () => Promise<void>): EngineApi {
  async function send(request: EngineRequest): Promise<Response> {
    const { method, json, body, run, signal, timeoutMs = ANSWER_MS } = request;
    run?.signal.throwIfAborted();
    const path = pathOf(request);
    const ended = run?.program([method, path]);
    const signals = [AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])];
    const content = json === undefined ? body : JSON.stringify(json);
    const type = json === undefined ? "application/x-tar" : "application/json";
    const attempt = () =>
      fetch(`http://engine${path}`, {
        method,
        unix: socket,
        signal: AbortSignal.any(signals),
        // A kept connection to an engine that died is reset, which does not tell whether the request was taken.
        keepalive: false,
        ...(content !== undefined && { body: content, headers: { "content-type": type } }),
      });
    try {
      const response = await attempt().catch(async (error: unknown) => {
        if (!revive || !isUnheard(error, method)) throw error;
        await revive();
        return attempt();
      });
      // The protocol has no exit code; a refusal counts as 1.
      ended?.(response.status < 400 ? 0 : 1);
      run?.signal.throwIfAborted();
      return response;
    } catch (error) {
      ended?.(null);
      run?.signal.throwIfAborted();
      signal?.throwIfAborted();
      const message = `The container engine does not answer at ${socket}`;
      throw new AppError("driver_failed", message, { cause: error, detail: String(error) });
    }
  }

  async function call(request: EngineRequest): Promise<Response> {
    const response = await send(request);
    if (response.status < 400) return response;
    const text = await response.text();
    const detail = wordsOf(text);
    const cause = new Error(`${request.method} ${pathOf(request)}: ${response.status} ${detail}`);
    if (response.status === 404)
      throw new AppError("not_found", "The container engine knows no such thing", { cause, detail });
    if (response.status === 409)
      throw new AppError("conflict", "The container engine refuses it in this state", { cause, detail });
    throw new AppError("driver_failed", "The container engine reported a failure", { cause, detail });
  }

  return {
    socket,
    call,
    async read(schema, request) {
      const response = await call(request);
      const parsed = schema.safeParse(await response.json());
      if (parsed.success) return parsed.data;
      const detail = z.prettifyError(parsed.error);
      throw new AppError("driver_failed", "The container engine gave an answer of an unknown shape", {
        detail,
      });
    },
    async ping() {
      try {
        return (await send({ method: "GET", path: "/_ping", timeoutMs: 3_000 })).status === 200;
      } catch {
        return false;
      }
    },
  };
}

/** Nobody listens at the socket, so the request reached nobody; or it was cut, which harms no question. */
function isUnheard(error: unknown, method: EngineRequest["method"]): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ECONNRESET") return method === "GET";
  return code === "ECONNREFUSED" || code === "FailedToOpenSocket" || code === "ENOENT";
}

function wordsOf(text: string): string {
  try {
    return problem.parse(JSON.parse(text)).message;
  } catch {
    return text.slice(0, 2_000);
  }
}

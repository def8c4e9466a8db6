/** Programs inside a running container, by the engine's exec: run to their end, or as a terminal. */
import { z } from "zod";
import { AppError } from "../../core/errors.ts";
import type { DriverRun, TerminalSize, TerminalStream } from "../vm-driver.ts";
import { type EngineApi, pathOf } from "./engine-api.ts";
import { openRawStream } from "./raw-stream.ts";

const created = z.object({ Id: z.string().regex(/^[0-9a-f]{64}$/) });
const execState = z.object({ Running: z.boolean(), ExitCode: z.number().nullable().optional() });
/** A program gone wild must not fill our memory. */
const OUTPUT_LIMIT = 64 * 1024;

export interface ExecRequest {
  readonly container: string;
  readonly argv: readonly string[];
  readonly user: string;
  readonly env?: readonly string[];
  readonly workingDir?: string;
}

async function createExec(api: EngineApi, request: ExecRequest, tty: boolean): Promise<string> {
  const { container, argv, user, env = [], workingDir } = request;
  const { Id } = await api.read(created, {
    method: "POST",
    path: `/containers/${container}/exec`,
    json: {
      AttachStdin: tty,
      AttachStdout: true,
      AttachStderr: true,
      Tty: tty,
      Cmd: argv,
      User: user,
      Env: env,
      ...(workingDir !== undefined && { WorkingDir: workingDir }),
    },
  });
  return Id;
}

export async function exitCodeOf(api: EngineApi, id: string): Promise<number | null> {
  const { Running, ExitCode } = await api.read(execState, { method: "GET", path: `/exec/${id}/json` });
  return Running ? null : (ExitCode ?? null);
}

interface RunOptions {
  readonly run?: DriverRun;
  readonly timeoutMs?: number;
  onText?(text: string): void;
}

/** Both streams in order, the last 64 KiB of them. */
export async function runInside(
  api: EngineApi,
  request: ExecRequest,
  options: RunOptions = {},
): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const id = await createExec(api, request, false);
  const ended = options.run?.program(["exec", request.container, ...request.argv]);
  try {
    const output = await readOutput(api, id, options);
    const exitCode = await exitCodeOf(api, id);
    ended?.(exitCode);
    return { exitCode, output };
  } catch (error) {
    ended?.(null);
    throw error;
  }
}

async function readOutput(
  api: EngineApi,
  id: string,
  { run, timeoutMs, onText }: RunOptions,
): Promise<string> {
  const response = await api.call({
    method: "POST",
    path: `/exec/${id}/start`,
    json: { Detach: false, Tty: false },
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(run && { signal: run.signal }),
  });
  let output = "";
  const decoder = new TextDecoder();
  for await (const bytes of frames(response.body)) {
    const text = decoder.decode(bytes, { stream: true });
    output = (output + text).slice(-OUTPUT_LIMIT);
    onText?.(text);
  }
  return output;
}

/** Without a tty the engine puts 8 bytes before each piece: stream, three zeros, length (big endian). */
async function* frames(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  let rest = new Uint8Array(0);
  for await (const piece of body ?? []) {
    const joined = new Uint8Array(rest.length + piece.length);
    joined.set(rest);
    joined.set(piece, rest.length);
    rest = joined;
    while (rest.length >= 8) {
      const length = new DataView(rest.buffer, rest.byteOffset).getUint32(4);
      if (rest.length < 8 + length) break;
      yield rest.subarray(8, 8 + length);
      rest = rest.slice(8 + length);
    }
  }
}

const size = (cols: number, rows: number) => ({ w: cols, h: rows });

/** A login shell on a tty of its own. */
export async function openShell(
  api: EngineApi,
  request: ExecRequest,
  { cols, rows }: TerminalSize,
  onData: (bytes: Uint8Array) => void,
): Promise<TerminalStream> {
  const id = await createExec(api, request, true);
  const raw = await openRawStream(
    api.socket,
    pathOf({ path: `/exec/${id}/start` }),
    { Detach: false, Tty: true },
    onData,
  );
  const resize = (to: TerminalSize) =>
    api
      .call({ method: "POST", path: `/exec/${id}/resize`, query: size(to.cols, to.rows) })
      .then(() => undefined)
      // The program may have ended in between: then there is nothing to resize.
      .catch(() => undefined);
  await resize({ cols, rows });
  const exited = raw.closed.then(async () => {
    const exitCode = await exitCodeOf(api, id).catch((error: unknown) => {
      if (error instanceof AppError) return null;
      throw error;
    });
    return { exitCode };
  });
  return {
    write: (bytes) => raw.write(bytes),
    resize: (to) => void resize(to),
    pause: () => raw.pause(),
    resume: () => raw.resume(),
    close: () => raw.end(),
    exited,
  };
}

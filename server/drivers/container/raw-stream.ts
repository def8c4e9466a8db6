/** An HTTP connection of the engine that turns into a bare stream of bytes after its 101 answer ("hijacking"). */
import { AppError } from "../../core/errors.ts";

const HANDSHAKE_MS = 10_000;
/** Typed bytes the engine has not taken yet; more is dropped, like on a serial line, instead of filling our memory. */
const INPUT_QUEUE_BYTES = 1024 * 1024;

export interface RawStream {
  write(bytes: Uint8Array): void;
  /** Stops reading: the kernel's buffers fill and the program blocks. */
  pause(): void;
  resume(): void;
  end(): void;
  /** Resolves when the engine has closed it and the last byte was delivered. */
  readonly closed: Promise<void>;
}

const HEAD_END = Buffer.from("\r\n\r\n");

/** Throws `driver_failed` when the engine does not switch. */
export async function openRawStream(
  socketPath: string,
  path: string,
  json: unknown,
  onData: (bytes: Uint8Array) => void,
): Promise<RawStream> {
  const closed = Promise.withResolvers<void>();
  const switched = Promise.withResolvers<void>();
  let head: Buffer | null = Buffer.alloc(0);
  let queued: Uint8Array[] = [];
  let queuedBytes = 0;

  function takeHead(bytes: Uint8Array): void {
    head = Buffer.concat([head ?? Buffer.alloc(0), bytes]);
    const end = head.indexOf(HEAD_END);
    if (end < 0) return;
    const first = head.subarray(0, head.indexOf("\r\n")).toString("latin1");
    const rest = head.subarray(end + HEAD_END.length);
    head = null;
    if (!/^HTTP\/1\.1 (101|200) /.test(first))
      return switched.reject(
        new AppError("driver_failed", "The container engine opens no stream", {
          detail: `${first}\n${rest.toString()}`,
        }),
      );
    switched.resolve();
    if (rest.length > 0) onData(rest);
  }

  const socket = await Bun.connect({
    unix: socketPath,
    socket: {
      data(_socket, bytes) {
        if (head === null) onData(bytes);
        else takeHead(bytes);
      },
      drain: () => flush(),
      close: () => closed.resolve(),
      error: () => closed.resolve(),
    },
  });

  function flush(): void {
    while (queued.length > 0) {
      const [first = new Uint8Array(0), ...others] = queued;
      const written = Math.max(0, socket.write(first));
      queuedBytes -= written;
      if (written < first.length) {
        queued = [first.subarray(written), ...others];
        return;
      }
      queued = others;
    }
  }

  function write(bytes: Uint8Array): void {
    if (queuedBytes + bytes.length > INPUT_QUEUE_BYTES) return;
    queued.push(bytes.slice());
    queuedBytes += bytes.length;
    flush();
  }

  const body = JSON.stringify(json);
  const lines = [
    `POST ${path} HTTP/1.1`,
    "Host: engine",
    "Content-Type: application/json",
    "Connection: Upgrade",
    "Upgrade: tcp",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  write(Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`));
  const late = setTimeout(
    () => switched.reject(new AppError("driver_failed", "The container engine opens no stream in time")),
    HANDSHAKE_MS,
  );
  void closed.promise.then(() =>
    switched.reject(new AppError("driver_failed", "The container engine closed the stream")),
  );
  try {
    await switched.promise;
  } catch (error) {
    socket.end();
    throw error;
  } finally {
    clearTimeout(late);
  }
  return {
    write,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.terminate(),
    closed: closed.promise,
  };
}

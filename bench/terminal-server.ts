/** One terminal behind a WebSocket, for bench/terminal.ts: `product` is our terminal feature behind the gateway's queue, `bare` a PTY whose output is just sent. */
import { decodeTerminalFrame, type TerminalId, userId, vmId } from "#protocol";
import { createBus } from "../server/core/bus.ts";
import type { Session } from "../server/core/caller.ts";
import { systemClock } from "../server/core/clock.ts";
import { createLog } from "../server/core/log.ts";
import { openPty, type PtyStream } from "../server/drivers/pty.ts";
import { createTerminalFeature } from "../server/features/terminal/index.ts";
import { SocketChannel } from "../server/gateway/client-channel.ts";
import { Outbox } from "../server/gateway/outbox.ts";

const [kind, ...argv] = process.argv.slice(2);
const size = { cols: 80, rows: 24 };
/** Bun's own limit, far above what a window lets out; the naive server needs it to lose nothing. */
const QUEUE_BYTES = 256 * 1024 ** 2;

type Socket = Bun.ServerWebSocket<undefined>;
interface Peer {
  open(socket: Socket): void;
  input(bytes: Uint8Array): void;
  ack(bytes: number): void;
  drained(): void;
}

function barePeer(): Peer {
  let pty: PtyStream | null = null;
  return {
    open(socket) {
      pty = openPty(argv, { size, env: { PS1: "$ " }, onData: (bytes) => void socket.sendBinary(bytes) });
    },
    input: (bytes) => pty?.write(bytes),
    ack() {},
    drained() {},
  };
}

function productPeer(): Peer {
  const owner = userId.parse(1);
  const ref = { vmId: vmId.parse(1), ownerId: owner, name: "bench" };
  const session: Session = {
    sessionId: "s",
    userId: owner,
    username: "bench",
    role: "user",
    expiresAtMs: Infinity,
    kind: "login",
    scope: "write",
    mustChangePassword: false,
  };
  const feature = createTerminalFeature({
    bus: createBus(),
    clock: systemClock,
    log: createLog("silent"),
    findVm: () => ({ ref, state: "running" }),
    driver: {
      openTerminal: async (_ref, at, onData) => openPty(argv, { size: at, onData, env: { PS1: "$ " } }),
    },
  });
  let id: TerminalId | null = null;
  let channel: SocketChannel | null = null;
  let outbox: Outbox | null = null;
  return {
    open(socket) {
      const toSocket = new Outbox(socket, systemClock, {
        onBehind() {},
        onRoom: () => channel?.drained(),
        onTooSlow: () => socket.close(),
      });
      outbox = toSocket;
      channel = new SocketChannel("1", {
        sendBytes(bytes) {
          id ??= decodeTerminalFrame(bytes)?.terminalId ?? null;
          return toSocket.send(bytes);
        },
        sendEvent() {},
      });
      const open = feature.commands.find((command) => command.name === "terminal.open");
      const input = { vmId: ref.vmId, ...size, fresh: false };
      void open?.run(input, { session, channel, face: "socket", remoteAddress: "", userAgent: "" });
    },
    input(bytes) {
      if (id !== null && channel) feature.sink.input(id, bytes, session, channel);
    },
    ack(bytes) {
      if (id !== null && channel) feature.sink.ack(id, bytes, channel);
    },
    drained: () => outbox?.drained(),
  };
}

const peer = kind === "product" ? productPeer() : barePeer();
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: (request, self) => (self.upgrade(request) ? undefined : new Response("", { status: 400 })),
  websocket: {
    backpressureLimit: QUEUE_BYTES,
    open: (socket) => peer.open(socket),
    drain: () => peer.drained(),
    // Text is an acknowledgement, binary is typing.
    message: (_socket, message) =>
      typeof message === "string" ? peer.ack(Number(message)) : peer.input(message),
  },
});
console.log(server.port);

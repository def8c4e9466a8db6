/** A bare server that speaks the frames of the protocol over real sockets, and says only what a test tells it to. */
import type { ServerWebSocket } from "bun";
import type { ClientFrame, ServerFrame, TerminalFrame } from "#protocol";
import { clientFrame, decodeTerminalFrame, encodeTerminalFrame, helloFrame, SUBPROTOCOL } from "#protocol";

export class Peer {
  readonly frames: ClientFrame[] = [];
  readonly typed: TerminalFrame[] = [];
  readonly subprotocol: string | null;
  isOpen = true;

  constructor(
    readonly socket: ServerWebSocket<{ subprotocol: string | null }>,
    readonly answer: (frame: ClientFrame, peer: Peer) => void,
  ) {
    this.subprotocol = socket.data.subprotocol;
  }

  send(frame: ServerFrame): void {
    this.socket.send(JSON.stringify(frame));
  }

  hello(epoch = "one"): void {
    this.send(
      helloFrame.parse({
        t: "hello",
        epoch,
        version: "0.0.0",
        serverTimeMs: 1,
        user: { id: 1, username: "ada", role: "user" },
        driver: { name: "simulated", label: "Simulated: no real machines", simulated: true },
      }),
    );
  }

  terminal(frame: TerminalFrame): void {
    this.socket.send(encodeTerminalFrame(frame));
  }

  /** Frames of one kind, in order of arrival. */
  of<T extends ClientFrame["t"]>(t: T): Extract<ClientFrame, { t: T }>[] {
    return this.frames.filter((frame): frame is Extract<ClientFrame, { t: T }> => frame.t === t);
  }
}

export interface ProtocolServer {
  readonly url: string;
  readonly peers: Peer[];
  /** The newest socket. */
  readonly peer: Peer;
  stop(): Promise<void>;
}

/** `answer` sees every frame but pings, which are answered here. */
export function serveProtocol(
  answer: (frame: ClientFrame, peer: Peer) => void,
  options: { port?: number; hello?: boolean; epoch?: string } = {},
): ProtocolServer {
  const peers: Peer[] = [];
  const bySocket = new Map<unknown, Peer>();
  const server = Bun.serve<{ subprotocol: string | null }>({
    port: options.port ?? 0,
    hostname: "127.0.0.1",
    fetch(request, self) {
      const subprotocol = request.headers.get("sec-websocket-protocol");
      const upgraded = self.upgrade(request, {
        data: { subprotocol },
        headers: { "sec-websocket-protocol": SUBPROTOCOL },
      });
      return upgraded ? undefined : new Response("socket only", { status: 426 });
    },
    websocket: {
      open(socket) {
        const peer = new Peer(socket, answer);
        peers.push(peer);
        bySocket.set(socket, peer);
        if (options.hello !== false) peer.hello(options.epoch);
      },
      message(socket, data) {
        const peer = bySocket.get(socket);
        if (peer) take(peer, data);
      },
      close(socket) {
        const peer = bySocket.get(socket);
        if (peer) peer.isOpen = false;
      },
    },
  });
  return {
    url: `ws://127.0.0.1:${server.port}/ws`,
    peers,
    get peer() {
      const newest = peers.at(-1);
      if (!newest) throw new Error("No socket has been opened yet");
      return newest;
    },
    stop: () => server.stop(true),
  };
}

function take(peer: Peer, data: string | Buffer): void {
  if (typeof data !== "string") {
    const frame = decodeTerminalFrame(new Uint8Array(data));
    if (frame) peer.typed.push({ ...frame, payload: frame.payload.slice() });
    return;
  }
  const frame = clientFrame.parse(JSON.parse(data));
  peer.frames.push(frame);
  if (frame.t === "ping") peer.send({ t: "pong", id: frame.id, serverTimeMs: 1 });
  else peer.answer(frame, peer);
}

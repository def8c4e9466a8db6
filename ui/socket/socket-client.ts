/** Puts the layers of the client together and hands every frame to the one it is for. */
import type {
  CloseName,
  CommandName,
  CommandOutput,
  CommandRequest,
  HelloFrame,
  ServerFrame,
  TerminalId,
  TopicName,
} from "#protocol";
import { commands, decodeTerminalFrame, limits } from "#protocol";
import type { Client, ClientOptions, RequestOptions } from "./client.ts";
import type { ClientClock } from "./clock.ts";
import { systemClientClock } from "./clock.ts";
import { Connection } from "./connection.ts";
import { disconnected, RequestError } from "./errors.ts";
import type { HeartbeatPort } from "./heartbeat.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Outbox } from "./outbox.ts";
import { checkInput, parseOutput, parseServerFrame } from "./payloads.ts";
import type { PendingPort } from "./pending.ts";
import { Pending } from "./pending.ts";
import type { ClientStatus } from "./status.ts";
import type { TopicHandlers } from "./subscription.ts";
import type { SubscriptionsPort } from "./subscriptions.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { TerminalHandlers, TerminalPort, TerminalStream } from "./terminal-streams.ts";
import { TerminalStreams } from "./terminal-streams.ts";

class SocketClient implements Client {
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #pending: Pending;
  readonly #subscriptions: Subscriptions;
  readonly #terminals: TerminalStreams;
  readonly #heartbeat: Heartbeat;
  readonly #listeners = new Set<(status: ClientStatus) => void>();
  readonly #checkPayloads: boolean;
  readonly #onFault: (error: unknown) => void;
  #hello: HelloFrame | null = null;

  constructor(options: ClientOptions) {
    const clock = options.clock ?? systemClientClock;
    this.#checkPayloads = options.checkPayloads ?? false;
    this.#onFault = options.onFault ?? ((error) => console.error(error));
    this.#connection = this.#createConnection(options, clock);
    this.#outbox = new Outbox(this.#connection, clock);
    const port = this.#createPort();
    this.#pending = new Pending(port, clock);
    this.#heartbeat = new Heartbeat(port, clock);
    this.#terminals = new TerminalStreams(port);
    this.#subscriptions = new Subscriptions(port, clock, this.#checkPayloads);
  }

  #createConnection(options: ClientOptions, clock: ClientClock): Connection {
    const { url } = options;
    return new Connection(
      {
        url: typeof url === "string" ? () => url : url,
        token: options.token ?? (() => null),
        webSocket: options.webSocket ?? WebSocket,
        clock,
        random: options.random ?? Math.random,
      },
      {
        onMessage: (data) => this.#receive(data),
        onDown: (closedBy, final) => this.#down(closedBy, final),
        onStatus: (status) => this.#tellStatus(status),
      },
    );
  }

  /** What the layers may ask of each other; they know nothing but this. */
  #createPort(): PendingPort & HeartbeatPort & TerminalPort & SubscriptionsPort {
    const isOnline = () => this.#connection.isOnline;
    const epoch = () => this.#hello?.epoch ?? "";
    return {
      get isOnline() {
        return isOnline();
      },
      get epoch() {
        return epoch();
      },
      send: (frame) => this.#outbox.control(frame),
      ack: (terminalId, bytes) => this.#outbox.ack(terminalId, bytes),
      input: (terminalId, bytes) => this.#outbox.input(terminalId, bytes),
      ask: (makeFrame, how) => this.#pending.ask(makeFrame, how),
      nextId: () => this.#pending.nextId(),
      onLatency: (latencyMs) => this.#connection.setLatency(latencyMs),
      onSilence: () => this.#connection.drop(),
      onFault: (error) => this.#onFault(error),
    };
  }

  get status(): ClientStatus {
    return this.#connection.status;
  }

  get hello(): HelloFrame | null {
    return this.#hello;
  }

  connect(): void {
    this.#connection.connect();
  }

  close(): void {
    this.#connection.close();
  }

  wake(): void {
    if (this.status.phase === "offline") this.#connection.connect();
    else this.#heartbeat.ping();
  }

  onStatus(listener: (status: ClientStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async request<N extends CommandName>(
    name: N,
    input: CommandRequest<N>,
    options: RequestOptions = {},
  ): Promise<CommandOutput<N>> {
    checkInput(name, input);
    const isRead = commands[name].effect === "read";
    const { phase } = this.status;
    // A read may wait for the next try; a click on "destroy" must not take effect a minute later.
    if (phase === "idle" || phase === "closed" || (phase === "offline" && !isRead)) throw disconnected();
    const output = await this.#pending.ask((id) => ({ t: "command", id, name, input }), {
      survives: isRead,
      timeoutMs: options.timeoutMs ?? limits.replyTimeoutMs,
      ...(options.signal && { signal: options.signal }),
    });
    return parseOutput(name, output, this.#checkPayloads);
  }

  subscribe<T extends TopicName>(topic: T, handlers: TopicHandlers<T>): () => void {
    return this.#subscriptions.subscribe(topic, handlers);
  }

  attachTerminal(terminalId: TerminalId, handlers: TerminalHandlers): TerminalStream {
    return this.#terminals.attach(terminalId, handlers);
  }

  #receive(data: unknown): void {
    if (typeof data === "string") {
      const frame = parseServerFrame(data);
      if (frame) this.#take(frame);
      else this.#onFault(new RequestError("bad_frame", "The server sent a frame of an unknown shape"));
    } else if (data instanceof ArrayBuffer) {
      const frame = decodeTerminalFrame(new Uint8Array(data));
      if (frame) this.#terminals.take(frame);
    }
    this.#heartbeat.onFrame();
  }

  #take(frame: ServerFrame): void {
    switch (frame.t) {
      case "hello":
        return this.#online(frame);
      case "reply":
        return this.#reply(frame.id, frame.output);
      case "refusal":
        return this.#pending.reject(frame.id, RequestError.fromWire(frame.error));
      case "snapshot":
      case "event":
      case "end":
        return this.#subscriptions.take(frame);
      case "pong":
        return this.#heartbeat.pong(frame.id);
      case "error":
        return this.#onFault(RequestError.fromWire(frame.error));
      default:
        frame satisfies never;
    }
  }

  #online(hello: HelloFrame): void {
    this.#hello = hello;
    this.#connection.established();
    this.#heartbeat.start();
    this.#pending.online();
    this.#subscriptions.online();
  }

  #reply(id: number, output: unknown): void {
    const question = this.#pending.resolve(id, output);
    if (question?.t !== "command" || question.name !== "terminal.open") return;
    // Here and not in `request`, because the screen may be the very next frame.
    const opened = commands["terminal.open"].output.safeParse(output);
    if (opened.success) this.#terminals.reopened(opened.data.terminalId);
  }

  #down(closedBy: CloseName | null, final: boolean): void {
    this.#heartbeat.stop();
    this.#outbox.clear();
    this.#terminals.down();
    this.#subscriptions.down();
    const reason =
      closedBy === "unauthenticated"
        ? new RequestError("unauthenticated", "The session has ended: log in again")
        : disconnected();
    this.#pending.down(final ? reason : null);
  }

  #tellStatus(status: ClientStatus): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(status);
      } catch (error) {
        this.#onFault(error);
      }
    }
  }
}

export function createClient(options: ClientOptions): Client {
  return new SocketClient(options);
}

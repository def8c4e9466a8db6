/** What the typed client can do: requests, subscriptions and terminals over one socket that comes back by itself. */
import type {
  CommandName,
  CommandOutput,
  CommandRequest,
  HelloFrame,
  TerminalId,
  TopicName,
} from "#protocol";
import type { ClientClock } from "./clock.ts";
import type { ClientStatus } from "./status.ts";
import type { TopicHandlers } from "./subscription.ts";
import type { TerminalHandlers, TerminalStream } from "./terminal-streams.ts";
import type { WebSocketClass } from "./web-socket.ts";

export interface ClientOptions {
  /** `ws://host/ws`; a function is asked again before every try. */
  readonly url: string | (() => string);
  /** For scripts: sent as the first frame. Browsers are known by their cookie. */
  readonly token?: () => string | null;
  readonly webSocket?: WebSocketClass;
  readonly clock?: ClientClock;
  /** 0 up to 1, for the jitter. */
  readonly random?: () => number;
  /** Parse every payload by its schema; see payloads.ts. */
  readonly checkPayloads?: boolean;
  /** A handler threw, or the server sent something nobody asked for. */
  readonly onFault?: (error: unknown) => void;
}

export interface RequestOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface Client {
  connect(): void;
  close(): void;
  /** The network is back, or the page is visible again: try now instead of at the end of the wait. */
  wake(): void;
  readonly status: ClientStatus;
  /** Told of every change; returns the way to stop. */
  onStatus(listener: (status: ClientStatus) => void): () => void;
  /** Who the server is and who we are; kept while offline. */
  readonly hello: HelloFrame | null;
  /**
   * Rejects with `RequestError`. Reads are asked again after a lost connection until their time is up.
   * Writes are sent at most once: refused at once while offline, `unavailable` when the socket goes before the answer.
   */
  request<N extends CommandName>(
    name: N,
    input: CommandRequest<N>,
    options?: RequestOptions,
  ): Promise<CommandOutput<N>>;
  subscribe<T extends TopicName>(topic: T, handlers: TopicHandlers<T>): () => void;
  /**
   * Bytes of a terminal that `terminal.open` gave. After a reconnect open it again with its `terminalId`:
   * the same stream then gets the screen by `onRestore`.
   */
  attachTerminal(terminalId: TerminalId, handlers: TerminalHandlers): TerminalStream;
}

/** `#client`: the typed socket client of the browser, the CLI and the tests. No framework and no DOM. */
export type { Client, ClientOptions, RequestOptions } from "./client.ts";
export type { ClientClock } from "./clock.ts";
export { RequestError } from "./errors.ts";
export { createClient } from "./socket-client.ts";
export type { ClientPhase, ClientStatus } from "./status.ts";
export type { TopicHandlers } from "./subscription.ts";
export type { TerminalHandlers, TerminalStream } from "./terminal-streams.ts";
export type { WebSocketClass, WebSocketLike } from "./web-socket.ts";

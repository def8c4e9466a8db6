/** Who is calling, and the way back to a socket. Commands see these and nothing of HTTP or WebSocket. */
import type { EventOf, Role, TerminalFrame, TopicName, UserId } from "#protocol";
import type { Disposable } from "./disposable.ts";

/** A live session of an active user. `sessionId` is revoked by log-out; rights are checked for every message. */
export interface Session {
  readonly sessionId: string;
  readonly userId: UserId;
  readonly username: string;
  readonly role: Role;
  readonly expiresAtMs: number;
  /** `login` is a person; `token` an API token, whose `scope` may forbid writes. */
  readonly kind: "login" | "token";
  readonly scope: "read" | "write";
  /** Until the password is changed only commands marked `beforePasswordChange` answer. */
  readonly mustChangePassword: boolean;
}

/** One open socket, as far as a feature may use it. */
export interface ClientChannel {
  readonly id: string;
  /**
   * Sends terminal bytes. False when the socket's queue is over its soft limit: stop the source
   * until `onDrain`. The frame itself is not lost.
   */
  sendTerminal(frame: TerminalFrame): boolean;
  /** Sends one event of a keyed topic to this socket alone, after everything sent before. */
  sendEvent<T extends TopicName>(topic: T, key: string, data: EventOf<T>): void;
  onDrain(listener: () => void): Disposable;
  /** Called once when the socket is gone. */
  onClose(listener: () => void): Disposable;
}

export interface Caller<S extends Session | null = Session | null> {
  readonly session: S;
  readonly face: "socket" | "rest";
  readonly remoteAddress: string;
  readonly userAgent: string;
  /** Names the request, by its Idempotency-Key and when that was new: a key used again after a day is another request. */
  readonly requestKey?: string;
  /** Only on the socket. */
  readonly channel: ClientChannel | null;
}

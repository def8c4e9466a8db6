/** What the gateway needs from features, as interfaces: `app.ts` plugs the features in. */
import type { TerminalId, UserId } from "#protocol";
import type { ClientChannel, Session } from "./caller.ts";

/** Turns tokens into sessions and keeps them honest. Implemented by features/auth. */
export interface SessionGate {
  /** The live session of a token; null for anything forged, expired, revoked or of an inactive user. */
  open(token: string): Promise<Session | null>;
  /** The same session with its rights as of now; null once it is revoked, expired or its user inactive. Cheap: called per message. */
  current(sessionId: string): Session | null;
}

/** Where terminal bytes and acknowledgements of a socket go. Implemented by features/terminal. */
export interface TerminalSink {
  /** Throws `AppError("forbidden")` when this channel does not view that terminal: nothing was delivered. */
  input(terminalId: TerminalId, bytes: Uint8Array, session: Session, channel: ClientChannel): void;
  /** `bytes` drawn since the viewer joined. Unknown terminals are ignored: it may just have ended. */
  ack(terminalId: TerminalId, bytes: number, channel: ClientChannel): void;
}

/** Name of the httpOnly cookie that holds a browser's token. */
export const SESSION_COOKIE = "twarga_session";

export type IdempotencyState =
  /** Nobody has used the key of late: run, then `finish` or `abandon`. */
  | { readonly kind: "new"; readonly requestKey: string }
  /** Same request, already answered: give this again. */
  | { readonly kind: "done"; readonly status: number; readonly body: string }
  /** Same request, still at work in this process. */
  | { readonly kind: "busy" }
  /** Same request, cut by a crash: the feature finds what it had begun by `Caller.requestKey`. */
  | { readonly kind: "interrupted"; readonly requestKey: string }
  | { readonly kind: "mismatch" };

/** Remembers the answers of requests that carry an Idempotency-Key. Implemented by features/auth, as keys belong to a user. */
export interface IdempotencyStore {
  begin(userId: UserId, key: string, fingerprint: string): IdempotencyState;
  finish(userId: UserId, key: string, status: number, body: string): void;
  /** Nothing was done: the key may be used again. */
  abandon(userId: UserId, key: string): void;
}

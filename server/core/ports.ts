/** What the gateway needs from features, as interfaces: `app.ts` plugs the features in. */
import type { TerminalId } from "#protocol";
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

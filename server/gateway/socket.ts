/** One open socket from hello to close. Its methods are what Bun calls: open, message, drain, close. */
import type { CloseName, HelloFrame, UserId } from "#protocol";
import { closeCodes } from "#protocol";
import type { ServerWebSocket } from "bun";
import type { Session } from "../core/caller.ts";
import type { SessionGate } from "../core/ports.ts";
import { attemptAsync } from "./attempt.ts";
import { SocketChannel } from "./client-channel.ts";
import type { ConversationDeps, Speaker } from "./conversation.ts";
import { Conversation } from "./conversation.ts";
import { decodeText } from "./decode.ts";
import { Outbox } from "./outbox.ts";
import { SocketSession } from "./session.ts";

/** A reader that does not even take the close frame is cut off after this. */
const CLOSE_GRACE_MS = 2_000;

export interface SocketDeps extends ConversationDeps {
  readonly gate: SessionGate;
  readonly epoch: string;
  hello(): Pick<HelloFrame, "version" | "driver">;
  onOpen(socket: Socket): void;
  /** Told when a user is known, so that the user's oldest socket can make place. */
  onAuthenticated(socket: Socket, userId: UserId): void;
  onGone(socket: Socket): void;
}

/** Who opened it, as found at the upgrade. `rejected`: a browser cannot read an HTTP status, only a close code. */
export type Admission =
  | { readonly kind: "session"; readonly session: Session }
  | { readonly kind: "rejected" }
  | { readonly kind: "anonymous" };

export interface SocketOrigin {
  readonly id: string;
  readonly remoteAddress: string;
  readonly userAgent: string;
  readonly admission: Admission;
}

export class Socket implements Speaker {
  readonly openedAtMs: number;
  readonly channel: SocketChannel;
  readonly state: SocketSession;
  readonly #deps: SocketDeps;
  readonly #origin: SocketOrigin;
  readonly #conversation: Conversation;
  #wire: ServerWebSocket<unknown> | null = null;
  #outbox: Outbox | null = null;
  #userId: UserId | null = null;
  #isVerifying = false;
  #isOver = false;

  constructor(deps: SocketDeps, origin: SocketOrigin) {
    this.#deps = deps;
    this.#origin = origin;
    this.openedAtMs = deps.clock.now();
    this.state = new SocketSession(deps.gate, this.openedAtMs);
    this.channel = new SocketChannel(origin.id, {
      sendBytes: (bytes) => !this.#isOver && this.#outbox !== null && this.#outbox.send(bytes),
      sendEvent: (topic, key, data) => deps.subscriptions.sendTo(this, topic, key, data),
    });
    this.#conversation = new Conversation(deps, this);
  }

  get userId(): UserId | null {
    return this.#userId;
  }

  get remoteAddress(): string {
    return this.#origin.remoteAddress;
  }

  get userAgent(): string {
    return this.#origin.userAgent;
  }

  open(wire: ServerWebSocket<unknown>): void {
    this.#wire = wire;
    this.#outbox = new Outbox(wire, this.#deps.clock, {
      onBehind: () => this.#deps.subscriptions.pauseAll(this),
      onRoom: () => this.#onRoom(),
      onTooSlow: () => this.end("too_slow"),
    });
    this.#deps.onOpen(this);
    const { admission } = this.#origin;
    if (admission.kind === "session") this.#begin(admission.session);
    else if (admission.kind === "rejected") this.end("unauthenticated");
  }

  message(_wire: ServerWebSocket<unknown>, data: string | Uint8Array): void {
    if (this.#isOver) return;
    const now = this.#deps.clock.now();
    if (!this.state.mayReceive(now)) return this.end("rate_limited");
    if (this.#userId === null) return this.#authenticate(data);
    const session = this.#sessionNow(now);
    if (!session) return this.end("unauthenticated");
    if (typeof data === "string") this.#conversation.receiveText(data, session);
    else this.#conversation.receiveBinary(data, session);
  }

  drain(): void {
    if (!this.#isOver) this.#outbox?.drained();
  }

  close(_wire: ServerWebSocket<unknown>, code: number): void {
    this.#wire = null;
    this.#release();
    this.#deps.log.info({ socket: this.#origin.id, user: this.#userId, code }, "socket closed");
  }

  /** Ends the socket with a named code. Nothing is accepted or sent after it. */
  end(name: CloseName): void {
    if (this.#isOver) return;
    this.#release();
    this.#deps.log.info({ socket: this.#origin.id, user: this.#userId, reason: name }, "socket ends");
    this.#wire?.close(closeCodes[name].code, name);
    // The close frame waits behind the backlog, and a reader that never reads would keep that for ever.
    if (this.#wire !== null) this.#deps.clock.after(CLOSE_GRACE_MS, () => this.#wire?.terminate());
  }

  /** Its session was revoked. A log-out of this very socket still gets its answer, nothing else, and closes then. */
  endSession(): void {
    if (!this.#conversation.isLoggingOut) return this.end("unauthenticated");
    this.#deps.subscriptions.leaveAll(this);
    this.channel.closed();
  }

  /** Looks at silence and rights; the registry calls it on its tick. */
  inspect(now: number): void {
    if (this.state.isSilent(now)) return this.end("silent");
    if (this.#userId !== null && this.#sessionNow(now) === null) this.endSession();
  }

  /** Looks at the backlog. */
  sweep(): void {
    if (!this.#isOver) this.#outbox?.sweep();
  }

  send(text: string): void {
    if (!this.#isOver) this.#outbox?.send(text);
  }

  sendSnapshot(text: string): void {
    if (!this.#isOver) this.#outbox?.sendSnapshot(text);
  }

  hasRoomForSnapshot(): boolean {
    return this.#outbox?.hasRoomForSnapshot() ?? false;
  }

  join(native: string): void {
    if (!this.#isOver) this.#wire?.subscribe(native);
  }

  leave(native: string): void {
    this.#wire?.unsubscribe(native);
  }

  session(): Session | null {
    return this.state.current(this.#deps.clock.now());
  }

  /** Rights are read for every frame; a lost admin role also ends the streams of everybody's things. */
  #sessionNow(now: number): Session | null {
    const session = this.state.current(now);
    if (session && this.state.hasLostAdmin(session)) this.#deps.subscriptions.endAdminStreams(this, session);
    return session;
  }

  #begin(session: Session): void {
    this.state.begin(session);
    const { userId: id, username, role } = session;
    this.#userId = id;
    this.#deps.onAuthenticated(this, id);
    this.#deps.log.info({ socket: this.#origin.id, user: id }, "socket opened");
    this.#conversation.send({
      t: "hello",
      epoch: this.#deps.epoch,
      serverTimeMs: this.#deps.clock.now(),
      user: { id, username, role },
      ...this.#deps.hello(),
    });
  }

  /** Nothing but one `auth` frame is listened to before the hello. */
  #authenticate(data: string | Uint8Array): void {
    const decoded = typeof data === "string" ? decodeText(data) : null;
    if (!decoded?.ok || decoded.frame.t !== "auth" || this.#isVerifying) return this.end("unauthenticated");
    this.#isVerifying = true;
    void this.#verify(decoded.frame.token);
  }

  async #verify(token: string): Promise<void> {
    const result = await attemptAsync(this.#deps.log, "auth", () => this.#deps.gate.open(token));
    if (this.#isOver) return;
    if (!result.ok || result.value === null) return this.end("unauthenticated");
    this.#begin(result.value);
  }

  #onRoom(): void {
    if (this.#isOver) return;
    this.#deps.subscriptions.catchUp(this);
    this.channel.drained();
  }

  #release(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#deps.subscriptions.leaveAll(this);
    this.channel.closed();
    this.#deps.onGone(this);
  }
}

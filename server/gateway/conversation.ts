/** What an authenticated socket says and what it gets for it: every frame with an id is answered exactly once. */
import type { ClientFrame, CloseName, ErrorCode, ServerFrame } from "#protocol";
import { commands, isCommandName } from "#protocol";
import type { Caller, Session } from "../core/caller.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { TerminalSink } from "../core/ports.ts";
import { attempt } from "./attempt.ts";
import type { SocketChannel } from "./client-channel.ts";
import { decodeBinary, decodeText } from "./decode.ts";
import { type Dispatch, type Outcome, passwordChangeRequired } from "./dispatch.ts";
import type { SocketSession } from "./session.ts";
import type { Subscriber, Subscriptions } from "./subscriptions.ts";

/** Commands one socket may have in the works; more are answered with `rate_limited`. */
const PENDING_PER_SOCKET = 64;

export interface ConversationDeps {
  readonly dispatch: Dispatch;
  readonly subscriptions: Subscriptions;
  readonly terminals: TerminalSink;
  readonly clock: Clock;
  readonly log: Log;
}

/** The socket as the conversation needs it. */
export interface Speaker extends Subscriber {
  readonly channel: SocketChannel;
  readonly state: SocketSession;
  readonly remoteAddress: string;
  readonly userAgent: string;
  end(name: CloseName): void;
}

export class Conversation {
  readonly #deps: ConversationDeps;
  readonly #speaker: Speaker;
  /** A log-out of this very socket is running: the session ends before its answer is out. */
  #isLoggingOut = false;

  constructor(deps: ConversationDeps, speaker: Speaker) {
    this.#deps = deps;
    this.#speaker = speaker;
  }

  get isLoggingOut(): boolean {
    return this.#isLoggingOut;
  }

  receiveText(text: string, session: Session): void {
    const decoded = decodeText(text);
    if (!decoded.ok) return this.#badFrame(decoded.message);
    const { frame } = decoded;
    switch (frame.t) {
      case "command":
        return this.#command(frame, session);
      case "subscribe":
      case "unsubscribe":
        return this.#subscription(frame, session);
      case "ack":
        this.#speaker.state.receivedAck();
        return this.#withoutId("ack", () =>
          this.#deps.terminals.ack(frame.terminalId, frame.bytes, this.#speaker.channel),
        );
      case "ping":
        return this.send({ t: "pong", id: frame.id, serverTimeMs: this.#deps.clock.now() });
      case "auth":
        return this.#badFrame("This socket is already logged in");
      default:
        frame satisfies never;
    }
  }

  /** The bytes are only valid during the call. */
  receiveBinary(bytes: Uint8Array, session: Session): void {
    const frame = decodeBinary(bytes);
    if (!frame) return this.#speaker.end("unsupported_data");
    this.#withoutId("terminal input", () =>
      this.#deps.terminals.input(frame.terminalId, frame.payload, session, this.#speaker.channel),
    );
  }

  send(frame: ServerFrame): void {
    this.#speaker.send(JSON.stringify(frame));
  }

  #command(frame: Extract<ClientFrame, { t: "command" }>, session: Session): void {
    const { id, name } = frame;
    const { state } = this.#speaker;
    if (!state.ask(id)) return this.#badFrame(`The id ${id} belongs to an unanswered frame`);
    if (state.pendingCount > PENDING_PER_SOCKET) {
      return this.#answer(id, refusal("rate_limited", "Too many unanswered commands on one socket"));
    }
    // A change of the password opens a session in place of this one: it ends before the answer too.
    if (isCommandName(name) && commands[name].rest?.session !== undefined) this.#isLoggingOut = true;
    const outcome = this.#deps.dispatch(name, frame.input, this.#caller(session));
    if (outcome instanceof Promise) void outcome.then((settled) => this.#answer(id, settled));
    else this.#answer(id, outcome);
  }

  #answer(id: number, outcome: Outcome): void {
    const { state } = this.#speaker;
    state.answered(id);
    if (outcome.ok) this.#speaker.send(`{"t":"reply","id":${id},"ok":true,"output":${outcome.json}}`);
    else this.send({ t: "refusal", id, ok: false, error: outcome.error });
    if (!this.#isLoggingOut || state.pendingCount > 0) return;
    this.#isLoggingOut = false;
    if (this.#speaker.session() === null) this.#speaker.end("unauthenticated");
  }

  #subscription(frame: Extract<ClientFrame, { t: "subscribe" | "unsubscribe" }>, session: Session): void {
    const { id } = frame;
    if (!this.#speaker.state.ask(id)) return this.#badFrame(`The id ${id} belongs to an unanswered frame`);
    const accepted = () => this.#answer(id, { ok: true, json: "{}", output: {} });
    const { subscriptions, log } = this.#deps;
    const result = attempt(log, frame.t, () => {
      if (session.mustChangePassword) throw passwordChangeRequired();
      if (frame.t === "subscribe") return subscriptions.subscribe(this.#speaker, session, frame, accepted);
      subscriptions.unsubscribe(this.#speaker, session, frame.topic, frame.key);
      accepted();
    });
    if (!result.ok) this.#answer(id, result);
  }

  /** A failure of a frame without an id is told by an `error` frame. */
  #withoutId(what: string, run: () => void): void {
    const result = attempt(this.#deps.log, what, run);
    if (!result.ok) this.send({ t: "error", error: result.error });
  }

  #badFrame(message: string): void {
    this.send({ t: "error", error: { code: "bad_frame", message } });
    if (this.#speaker.state.strike()) this.#speaker.end("protocol_violation");
  }

  #caller(session: Session): Caller {
    const { remoteAddress, userAgent, channel } = this.#speaker;
    return { session, face: "socket", remoteAddress, userAgent, channel };
  }
}

function refusal(code: ErrorCode, message: string): Outcome {
  return { ok: false, error: { code, message } };
}

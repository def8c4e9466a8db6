/** All subscriptions of a client: asked for once per topic and key, and asked for again after each reconnect. */
import type { ClientFrame, ServerFrame, TopicName } from "#protocol";
import { isTopicName, limits, topics } from "#protocol";
import type { ClientClock } from "./clock.ts";
import { RequestError } from "./errors.ts";
import { parseEvent, parseSnapshot } from "./payloads.ts";
import type { PendingOptions } from "./pending.ts";
import type { AnyHandlers, TopicHandlers } from "./subscription.ts";
import { Subscription } from "./subscription.ts";

/** Refusals that pass; the others end the subscription. */
const PASSING: ReadonlySet<string> = new Set(["unavailable", "rate_limited", "timeout", "internal"]);
const RETRY_MS = 2_000;

export interface SubscriptionsPort {
  ask(makeFrame: (id: number) => ClientFrame, options: PendingOptions): Promise<unknown>;
  readonly isOnline: boolean;
  /** The epoch of the newest hello. */
  readonly epoch: string;
  /** A handler threw, or a payload had an unknown shape. */
  onFault(error: unknown): void;
}

type StreamFrame = Extract<ServerFrame, { t: "snapshot" | "event" | "end" }>;

export class Subscriptions {
  readonly #port: SubscriptionsPort;
  readonly #clock: ClientClock;
  readonly #checkPayloads: boolean;
  readonly #byName = new Map<string, Subscription>();

  constructor(port: SubscriptionsPort, clock: ClientClock, checkPayloads: boolean) {
    this.#port = port;
    this.#clock = clock;
    this.#checkPayloads = checkPayloads;
  }

  subscribe<T extends TopicName>(topic: T, handlers: TopicHandlers<T>): () => void {
    const name = nameOf(topic, handlers.key);
    const subscription = this.#byName.get(name) ?? new Subscription(topic, handlers.key);
    this.#byName.set(name, subscription);
    const member = { handlers, isFresh: false };
    subscription.members.add(member);
    // The newcomer needs a snapshot even when the others are up to date.
    this.#ask(subscription);
    return () => {
      if (subscription.members.delete(member) && subscription.members.size === 0) this.#leave(subscription);
    };
  }

  /** Called after hello. */
  online(): void {
    for (const subscription of this.#byName.values()) this.#ask(subscription);
  }

  down(): void {
    for (const subscription of this.#byName.values()) subscription.onDown();
  }

  take(frame: StreamFrame): void {
    if (!isTopicName(frame.topic)) return;
    const subscription = this.#byName.get(nameOf(frame.topic, frame.key));
    if (!subscription) return;
    if (frame.t === "snapshot") this.#takeSnapshot(subscription, frame.seq, frame.data);
    else if (frame.t === "event") this.#takeEvent(subscription, frame.seq, frame.data);
    else this.#end(subscription, (handlers) => handlers.onEnd?.());
  }

  #takeSnapshot(subscription: Subscription, seq: number, raw: unknown): void {
    this.#guard(() => {
      const data = parseSnapshot(subscription.topic, raw, this.#checkPayloads);
      subscription.tookSnapshot({ epoch: this.#port.epoch, seq });
      this.#tell(subscription, (handlers) => handlers.onSnapshot(data, seq));
    });
  }

  #takeEvent(subscription: Subscription, seq: number, raw: unknown): void {
    this.#guard(() => {
      const data = parseEvent(subscription.topic, raw, this.#checkPayloads);
      const verdict = subscription.judge({ epoch: this.#port.epoch, seq });
      if (verdict === "deliver" || verdict === "deliver_and_ask") {
        this.#tell(subscription, (handlers) => handlers.onEvent(data));
      }
      if (verdict === "ask" || verdict === "deliver_and_ask") this.#ask(subscription);
    });
  }

  #ask(subscription: Subscription): void {
    if (!this.#port.isOnline) return;
    const after = subscription.resumePoint();
    // A snapshot on its way serves everybody who comes before it arrives.
    if (subscription.awaits === "snapshot" || (subscription.awaits === "resume" && after !== null)) return;
    subscription.awaits = after === null ? "snapshot" : "resume";
    const turn = ++subscription.turn;
    const { topic, key } = subscription;
    const makeFrame = (id: number): ClientFrame => ({
      t: "subscribe",
      id,
      topic,
      ...(key !== undefined && { key }),
      ...(after !== null && { after }),
    });
    void this.#await(subscription, turn, makeFrame);
  }

  async #await(
    subscription: Subscription,
    turn: number,
    makeFrame: (id: number) => ClientFrame,
  ): Promise<void> {
    try {
      await this.#port.ask(makeFrame, { survives: false, timeoutMs: limits.replyTimeoutMs });
      // The snapshot may come before or after this reply, and only its arrival counts.
      if (subscription.turn === turn && subscription.awaits === "resume") subscription.awaits = null;
    } catch (error) {
      if (subscription.turn === turn) this.#refused(subscription, error);
    }
  }

  #refused(subscription: Subscription, thrown: unknown): void {
    subscription.awaits = null;
    const error =
      thrown instanceof RequestError
        ? thrown
        : new RequestError("internal", "Not subscribed", { cause: thrown });
    if (!PASSING.has(error.code)) return this.#end(subscription, (handlers) => handlers.onError?.(error));
    const turn = subscription.turn;
    this.#clock.after(error.retryAfterMs ?? RETRY_MS, () => {
      if (subscription.turn === turn && subscription.members.size > 0) this.#ask(subscription);
    });
  }

  #end(subscription: Subscription, tell: (handlers: AnyHandlers) => void): void {
    this.#byName.delete(nameOf(subscription.topic, subscription.key));
    subscription.turn += 1;
    const members = [...subscription.members];
    subscription.members.clear();
    for (const member of members) this.#guard(() => tell(member.handlers));
  }

  #leave(subscription: Subscription): void {
    const { topic, key } = subscription;
    this.#byName.delete(nameOf(topic, key));
    subscription.turn += 1;
    if (!this.#port.isOnline) return;
    const makeFrame = (id: number): ClientFrame => ({
      t: "unsubscribe",
      id,
      topic,
      ...(key !== undefined && { key }),
    });
    // Whether or not the server still knew it, it is over.
    this.#port.ask(makeFrame, { survives: false, timeoutMs: limits.replyTimeoutMs }).catch(() => {});
  }

  #tell(subscription: Subscription, tell: (handlers: AnyHandlers) => void): void {
    for (const member of [...subscription.members]) {
      if (member.isFresh) this.#guard(() => tell(member.handlers));
    }
  }

  /** One listener's fault must not cost the others their event. */
  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#port.onFault(error);
    }
  }
}

/** A missing key means `own` where there are owners, and nothing where everybody hears the same. */
function nameOf(topic: TopicName, key: string | undefined): string {
  const { scope } = topics[topic];
  if (scope === "everyone") return topic;
  return `${topic}#${scope === "owner" ? (key ?? "own") : (key ?? "")}`;
}

/** Who hears what: snapshot then updates without gap or double, one encoding per channel, catching up after a backlog. */
import type { ClientFrame, TopicName } from "#protocol";
import { isTopicName, topics } from "#protocol";
import type { Bus, BusEvent } from "../core/bus.ts";
import type { Session } from "../core/caller.ts";
import type { Clock } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { BoundTopic } from "../core/topic.ts";
import { Channel } from "./channel.ts";
import type { ChannelTarget } from "./channel-name.ts";
import { channelsOf, targetOf } from "./channel-name.ts";

/** A page needs about ten; the cap bounds what one socket can make the server remember. */
const SUBSCRIPTIONS_PER_SOCKET = 200;
/** A `log` channel nobody hears goes on recording for so long, so that a reconnect can resume. */
const LOG_GRACE_MS = 60_000;
/** Published natively between two looks at the backlogs; beyond it frames go one by one, where each result is seen. */
const BURST_BYTES = 1024 * 1024;

/** What subscriptions need of a socket. */
export interface Subscriber {
  send(text: string): void;
  sendSnapshot(text: string): void;
  hasRoomForSnapshot(): boolean;
  join(native: string): void;
  leave(native: string): void;
  /** As of now; null when it has ended. */
  session(): Session | null;
}

interface Membership {
  readonly channel: Channel;
  readonly target: ChannelTarget;
  /** Hears the channel. When false it waits for room, then gets a snapshot or what it missed. */
  isLive: boolean;
  /** Where a `log` stream goes on; null asks for a snapshot. */
  after: number | null;
}

export interface SubscriptionsDeps {
  readonly topics: ReadonlyMap<TopicName, BoundTopic>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly epoch: string;
  readonly checkOutput: boolean;
  /** Bun's publish: negative or zero when a subscriber has a backlog. */
  publish(native: string, text: string): number;
  /** Asks for a look at the backlogs after this tick. */
  sweepSoon(): void;
}

type SubscribeFrame = Extract<ClientFrame, { t: "subscribe" }>;

export class Subscriptions {
  readonly #deps: SubscriptionsDeps;
  readonly #channels = new Map<string, Channel>();
  readonly #members = new Map<Subscriber, Map<string, Membership>>();
  /** Above every number of a channel that was dropped: a new life of it never repeats one. */
  #floor = 0;
  #burstBytes = 0;
  readonly #listening: { dispose(): void | Promise<void> };

  constructor(deps: SubscriptionsDeps) {
    this.#deps = deps;
    this.#listening = deps.bus.onAny((event) => this.#onEvent(event));
  }

  dispose(): void {
    void this.#listening.dispose();
  }

  /** Throws `AppError` when refused; else calls `accepted` and sends a snapshot or what was missed, in this very tick. */
  subscribe(subscriber: Subscriber, session: Session, frame: SubscribeFrame, accepted: () => void): void {
    const { bound, target } = this.#find(frame.topic, frame.key, session);
    // Also on resume: this call is what checks the right to see the key.
    const state = bound.snapshot({ session, ownerId: target.ownerId, key: target.featureKey });
    const membership = this.#enter(subscriber, bound.name, target);
    const canResume = frame.after !== undefined && frame.after.epoch === this.#deps.epoch;
    membership.after = canResume ? (frame.after?.seq ?? null) : null;
    accepted();
    if (subscriber.hasRoomForSnapshot()) this.#goLive(subscriber, membership, state);
    else this.#pause(subscriber, membership);
  }

  unsubscribe(subscriber: Subscriber, session: Session, topic: string, key: string | undefined): void {
    if (!isTopicName(topic)) throw new AppError("unknown_topic", "There is no topic of that name");
    const { native } = targetOf(topic, key, session);
    const membership = this.#members.get(subscriber)?.get(native);
    if (membership) this.#exit(subscriber, membership);
  }

  /** The socket is gone. */
  leaveAll(subscriber: Subscriber): void {
    for (const membership of this.#members.get(subscriber)?.values() ?? [])
      this.#exit(subscriber, membership);
    this.#members.delete(subscriber);
  }

  /** The session lost the admin role: streams of everybody's things end. */
  endAdminStreams(subscriber: Subscriber): void {
    for (const membership of [...(this.#members.get(subscriber)?.values() ?? [])]) {
      if (membership.target.wireKey === "all") this.#end(subscriber, membership);
    }
  }

  /** The reader is behind: it leaves the streams, and what it misses is made good by `catchUp`. */
  pauseAll(subscriber: Subscriber): void {
    for (const membership of this.#members.get(subscriber)?.values() ?? []) {
      if (!membership.isLive) continue;
      membership.after = membership.channel.seq;
      this.#pause(subscriber, membership);
    }
  }

  /** The reader has room again. */
  catchUp(subscriber: Subscriber): void {
    const session = subscriber.session();
    if (!session) return;
    for (const membership of [...(this.#members.get(subscriber)?.values() ?? [])]) {
      if (membership.isLive) continue;
      if (!subscriber.hasRoomForSnapshot()) return;
      const { channel, target } = membership;
      try {
        const { bound } = this.#find(channel.topic, target.wireKey, session);
        const state = bound.snapshot({ session, ownerId: target.ownerId, key: target.featureKey });
        this.#goLive(subscriber, membership, state);
      } catch (error) {
        if (!(error instanceof AppError))
          this.#deps.log.error({ err: error, topic: channel.topic }, "snapshot");
        this.#end(subscriber, membership);
      }
    }
  }

  /** One event of a keyed channel to one socket, numbered as the next: for the last word on a key. */
  sendTo(subscriber: Subscriber, topic: TopicName, key: string, data: unknown): void {
    const [native = ""] = channelsOf(topic, { kind: "key", key });
    const channel = this.#members.get(subscriber)?.get(native)?.channel;
    if (channel) subscriber.send(channel.eventText(channel.seq + 1, JSON.stringify(data)));
  }

  /** Forgets silent `log` channels and starts a new publish budget. */
  tick(): void {
    this.#burstBytes = 0;
    const tooOldMs = this.#deps.clock.now() - LOG_GRACE_MS;
    for (const channel of this.#channels.values()) {
      if (channel.idleSinceMs !== null && channel.idleSinceMs <= tooOldMs) this.#drop(channel);
    }
  }

  #find(topic: string, key: string | undefined, session: Session) {
    const bound = isTopicName(topic) ? this.#deps.topics.get(topic) : undefined;
    if (!bound) throw new AppError("unknown_topic", "There is no topic of that name");
    return { bound, target: targetOf(bound.name, key, session) };
  }

  #enter(subscriber: Subscriber, topic: TopicName, target: ChannelTarget): Membership {
    const mine = this.#members.get(subscriber) ?? new Map<string, Membership>();
    const known = mine.get(target.native);
    if (known) return known;
    if (mine.size >= SUBSCRIPTIONS_PER_SOCKET) {
      throw new AppError("rate_limited", "Too many subscriptions on one socket");
    }
    const channel = this.#channels.get(target.native) ?? this.#create(topic, target);
    channel.memberCount += 1;
    channel.idleSinceMs = null;
    const membership: Membership = { channel, target, isLive: false, after: null };
    mine.set(target.native, membership);
    this.#members.set(subscriber, mine);
    return membership;
  }

  #create(topic: TopicName, target: ChannelTarget): Channel {
    const channel = new Channel(target.native, topic, target.wireKey, ++this.#floor);
    this.#channels.set(target.native, channel);
    return channel;
  }

  #goLive(subscriber: Subscriber, membership: Membership, state: unknown): void {
    const { channel, after } = membership;
    const missed = after === null ? null : channel.eventsAfter(after);
    if (missed === null) {
      if (this.#deps.checkOutput) topics[channel.topic].snapshot.parse(state);
      subscriber.sendSnapshot(channel.snapshotText(state));
    } else for (const text of missed) subscriber.sendSnapshot(text);
    if (membership.isLive) return;
    membership.isLive = true;
    channel.liveCount += 1;
    subscriber.join(channel.native);
  }

  #pause(subscriber: Subscriber, membership: Membership): void {
    if (!membership.isLive) return;
    membership.isLive = false;
    membership.channel.liveCount -= 1;
    subscriber.leave(membership.channel.native);
  }

  #end(subscriber: Subscriber, membership: Membership): void {
    this.#exit(subscriber, membership);
    const { topic, wireKey } = membership.channel;
    subscriber.send(JSON.stringify({ t: "end", topic, ...(wireKey !== undefined && { key: wireKey }) }));
  }

  #exit(subscriber: Subscriber, membership: Membership): void {
    this.#pause(subscriber, membership);
    const { channel } = membership;
    this.#members.get(subscriber)?.delete(channel.native);
    channel.memberCount -= 1;
    if (channel.memberCount > 0) return;
    if (channel.isLog) channel.idleSinceMs = this.#deps.clock.now();
    else this.#drop(channel);
  }

  #drop(channel: Channel): void {
    this.#floor = Math.max(this.#floor, channel.seq);
    this.#channels.delete(channel.native);
  }

  #onEvent({ topic, to, data }: BusEvent): void {
    let json: string | null = null;
    for (const native of channelsOf(topic, to)) {
      const channel = this.#channels.get(native);
      if (!channel) continue;
      channel.record(data);
      if (channel.liveCount === 0) continue;
      json ??= this.#encode(topic, data);
      this.#publish(channel, channel.eventText(channel.seq, json));
    }
  }

  #encode(topic: TopicName, data: unknown): string {
    if (this.#deps.checkOutput) topics[topic].event.parse(data);
    return JSON.stringify(data);
  }

  #publish(channel: Channel, text: string): void {
    this.#burstBytes += text.length;
    if (this.#burstBytes > BURST_BYTES) return this.#sendEach(channel, text);
    const result = this.#deps.publish(channel.native, text);
    if (result <= 0 || this.#burstBytes > BURST_BYTES / 2) this.#deps.sweepSoon();
  }

  #sendEach(channel: Channel, text: string): void {
    this.#deps.sweepSoon();
    for (const [subscriber, mine] of this.#members) {
      if (mine.get(channel.native)?.isLive) subscriber.send(text);
    }
  }
}

/** Who hears what: snapshot then updates without gap or double, one encoding per channel, catching up after a backlog. */
import type { ClientFrame, TopicName } from "#protocol";
import { isTopicName, topics } from "#protocol";
import type { Bus } from "../core/bus.ts";
import type { Session } from "../core/caller.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { BoundTopic } from "../core/topic.ts";
import type { Channel } from "./channel.ts";
import type { ChannelTarget } from "./channel-name.ts";
import { channelsOf, targetOf } from "./channel-name.ts";
import type { ChannelsDeps } from "./channels.ts";
import { Channels } from "./channels.ts";

/** A page needs about ten; the cap bounds what one socket can make the server remember. */
const SUBSCRIPTIONS_PER_SOCKET = 200;
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

export interface SubscriptionsDeps extends ChannelsDeps {
  readonly topics: ReadonlyMap<TopicName, BoundTopic>;
  readonly bus: Bus;
  readonly log: Log;
  readonly epoch: string;
}

type SubscribeFrame = Extract<ClientFrame, { t: "subscribe" }>;

export class Subscriptions {
  readonly #deps: SubscriptionsDeps;
  readonly #channels: Channels;
  readonly #members = new Map<Subscriber, Map<string, Membership>>();
  readonly #listening: { dispose(): void | Promise<void> };

  constructor(deps: SubscriptionsDeps) {
    this.#deps = deps;
    this.#channels = new Channels(deps, (channel, text) => this.#sendEach(channel, text));
    this.#listening = deps.bus.onAny((event) => this.#channels.take(event));
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

  /** The session lost the admin role: streams end of everybody's things, and of keys that only an admin may see. */
  endAdminStreams(subscriber: Subscriber, session: Session): void {
    for (const membership of [...(this.#members.get(subscriber)?.values() ?? [])]) {
      if (!this.#maySee(membership, session)) this.#end(subscriber, membership);
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

  /** The backlogs were looked at. */
  tick(): void {
    this.#channels.tick();
  }

  #maySee({ channel, target }: Membership, session: Session): boolean {
    try {
      const { bound } = this.#find(channel.topic, target.wireKey, session);
      // The snapshot is what checks the right to a key.
      if (target.featureKey !== "")
        bound.snapshot({ session, ownerId: target.ownerId, key: target.featureKey });
      return true;
    } catch (error) {
      if (!(error instanceof AppError))
        this.#deps.log.error({ err: error, topic: channel.topic }, "snapshot");
      return false;
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
    const channel = this.#channels.enter(topic, target);
    const membership: Membership = { channel, target, isLive: false, after: null };
    mine.set(target.native, membership);
    this.#members.set(subscriber, mine);
    return membership;
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
    this.#members.get(subscriber)?.delete(membership.channel.native);
    this.#channels.exit(membership.channel);
  }

  #sendEach(channel: Channel, text: string): void {
    for (const [subscriber, mine] of this.#members) {
      if (mine.get(channel.native)?.isLive) subscriber.send(text);
    }
  }
}

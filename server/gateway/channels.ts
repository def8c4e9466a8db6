/** All channels somebody hears or may come back to: numbers and encodes each event once and hands it to Bun's pub/sub. */
import type { TopicName } from "#protocol";
import { topics } from "#protocol";
import type { BusEvent } from "../core/bus.ts";
import type { Clock } from "../core/clock.ts";
import { Channel } from "./channel.ts";
import type { ChannelTarget } from "./channel-name.ts";
import { channelsOf } from "./channel-name.ts";

/** A `log` channel nobody hears goes on recording for so long, so that a reconnect can resume. */
const LOG_GRACE_MS = 60_000;
/** Published natively between two looks at the backlogs; beyond it frames go one by one, where each result is seen. */
const BURST_BYTES = 1024 * 1024;

export interface ChannelsDeps {
  readonly clock: Clock;
  readonly checkOutput: boolean;
  /** Bun's publish: negative or zero when a subscriber has a backlog. */
  publish(native: string, text: string): number;
  /** Asks for a look at the backlogs after this tick. */
  sweepSoon(): void;
}

export class Channels {
  readonly #deps: ChannelsDeps;
  readonly #sendEach: (channel: Channel, text: string) => void;
  readonly #byName = new Map<string, Channel>();
  /** Above every number of a channel that was dropped: a new life of it never repeats one. */
  #floor = 0;
  #burstBytes = 0;

  /** `sendEach` hands a frame to every live member by itself. */
  constructor(deps: ChannelsDeps, sendEach: (channel: Channel, text: string) => void) {
    this.#deps = deps;
    this.#sendEach = sendEach;
  }

  enter(topic: TopicName, target: ChannelTarget): Channel {
    let channel = this.#byName.get(target.native);
    if (!channel) {
      this.#floor += 1;
      channel = new Channel(target.native, topic, target.wireKey, this.#floor);
      this.#byName.set(target.native, channel);
    }
    channel.memberCount += 1;
    channel.idleSinceMs = null;
    return channel;
  }

  exit(channel: Channel): void {
    channel.memberCount -= 1;
    if (channel.memberCount > 0) return;
    if (channel.isLog) channel.idleSinceMs = this.#deps.clock.now();
    else this.#drop(channel);
  }

  /** Costs nothing where nobody listens: no number, no encoding. */
  take({ topic, to, data }: BusEvent): void {
    let json: string | null = null;
    for (const native of channelsOf(topic, to)) {
      const channel = this.#byName.get(native);
      if (!channel) continue;
      channel.record(data);
      if (channel.liveCount === 0) continue;
      json ??= this.#encode(topic, data);
      this.#publish(channel, channel.eventText(channel.seq, json));
    }
  }

  /** The backlogs were looked at: forgets silent `log` channels and starts a new publish budget. */
  tick(): void {
    this.#burstBytes = 0;
    const tooOldMs = this.#deps.clock.now() - LOG_GRACE_MS;
    for (const channel of this.#byName.values()) {
      if (channel.idleSinceMs !== null && channel.idleSinceMs <= tooOldMs) this.#drop(channel);
    }
  }

  #drop(channel: Channel): void {
    this.#floor = Math.max(this.#floor, channel.seq);
    this.#byName.delete(channel.native);
  }

  #encode(topic: TopicName, data: unknown): string {
    if (this.#deps.checkOutput) topics[topic].event.parse(data);
    return JSON.stringify(data);
  }

  #publish(channel: Channel, text: string): void {
    this.#burstBytes += text.length;
    if (this.#burstBytes > BURST_BYTES) {
      this.#deps.sweepSoon();
      return this.#sendEach(channel, text);
    }
    const result = this.#deps.publish(channel.native, text);
    if (result <= 0 || this.#burstBytes > BURST_BYTES / 2) this.#deps.sweepSoon();
  }
}

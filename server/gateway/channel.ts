/** One stream of numbered events: its members, its counter, and for `log` topics the newest events for those who come back. */
import type { TopicName } from "#protocol";
import { topics } from "#protocol";

/** Events kept of a `log` channel. A client that missed more gets a snapshot. */
const RING_EVENTS = 1_000;

interface Logged {
  readonly seq: number;
  readonly data: unknown;
}

export class Channel {
  readonly isLog: boolean;
  readonly #eventHead: string;
  readonly #snapshotHead: string;
  /** Oldest first. */
  #ring: Logged[] = [];
  /** The ring holds everything after this number. */
  #ringStart: number;
  #seq: number;
  /** Sockets that hear the native channel now. */
  liveCount = 0;
  memberCount = 0;
  /** When the last member left; null while there is one. */
  idleSinceMs: number | null = null;

  constructor(
    readonly native: string,
    readonly topic: TopicName,
    readonly wireKey: string | undefined,
    firstSeq: number,
  ) {
    this.isLog = topics[topic].policy === "log";
    const key = wireKey === undefined ? "" : `"key":${JSON.stringify(wireKey)},`;
    this.#eventHead = `{"t":"event","topic":"${topic}",${key}"seq":`;
    this.#snapshotHead = `{"t":"snapshot","topic":"${topic}",${key}"seq":`;
    this.#seq = firstSeq;
    this.#ringStart = firstSeq;
  }

  get seq(): number {
    return this.#seq;
  }

  /** Counts one event. Nothing is encoded here: perhaps nobody listens. */
  record(data: unknown): void {
    this.#seq += 1;
    if (!this.isLog) return;
    this.#ring.push({ seq: this.#seq, data });
    // In large steps, because cutting an array's front costs its length.
    if (this.#ring.length < 2 * RING_EVENTS) return;
    this.#ring = this.#ring.slice(-RING_EVENTS);
    this.#ringStart = (this.#ring[0]?.seq ?? 1) - 1;
  }

  eventText(seq: number, dataJson: string): string {
    return `${this.#eventHead}${seq},"data":${dataJson}}`;
  }

  snapshotText(data: unknown): string {
    return `${this.#snapshotHead}${this.#seq},"data":${JSON.stringify(data)}}`;
  }

  /** Everything after `seq` as frames, or null when that is not known here any more. */
  eventsAfter(seq: number): string[] | null {
    if (!this.isLog || seq < this.#ringStart || seq > this.#seq) return null;
    return this.#ring
      .filter((event) => event.seq > seq)
      .map((event) => this.eventText(event.seq, JSON.stringify(event.data)));
  }
}

/** One topic and key on the wire, shared by all who listen to it: who is up to date, and what to ask the server. */
import type { EventOf, SnapshotOf, TopicName } from "#protocol";
import { topics } from "#protocol";
import type { RequestError } from "./errors.ts";

export interface TopicHandlers<T extends TopicName> {
  /** For `owner` topics `own` or `all`; for `keyed` topics the id. */
  readonly key?: string;
  /** The state as of `seq`. Comes first, and again after every gap or lost connection. */
  onSnapshot(data: SnapshotOf<T>, seq: number): void;
  onEvent(data: EventOf<T>): void;
  /** The thing is gone, or the right to see it. */
  onEnd?(): void;
  /** Refused for good. */
  onError?(error: RequestError): void;
}

/** The same with the topic's types taken off, as records of all topics lie in one map. */
export interface AnyHandlers {
  onSnapshot(data: unknown, seq: number): void;
  onEvent(data: unknown): void;
  onEnd?(): void;
  onError?(error: RequestError): void;
}

export interface After {
  readonly epoch: string;
  readonly seq: number;
}

interface Member {
  readonly handlers: AnyHandlers;
  /** Has had a snapshot: events make sense to it. */
  isFresh: boolean;
}

/** What an event means for this subscription: hand it on, ignore it, or ask the server to close the gap. */
export type Verdict = "deliver" | "deliver_and_ask" | "ask" | "ignore";

export class Subscription {
  readonly members = new Set<Member>();
  /** Where the newest snapshot or event stood. */
  #last: After | null = null;
  /** The gap after this `seq` was asked for once; a stream that numbers with holes must not be asked for ever. */
  #askedAfter: number | null = null;
  /** Counts the questions put, so that an answer to an older one changes nothing. */
  turn = 0;
  /** What the server was asked for and has not sent yet. */
  awaits: "snapshot" | "resume" | null = null;

  constructor(
    readonly topic: TopicName,
    readonly key: string | undefined,
  ) {}

  get isLog(): boolean {
    return topics[this.topic].policy === "log";
  }

  /** Where to resume; null asks for a snapshot, which somebody here has not had yet. */
  resumePoint(): After | null {
    const everybodyFresh = [...this.members].every((member) => member.isFresh);
    return this.isLog && everybodyFresh ? this.#last : null;
  }

  /** After a lost connection events say nothing until the state is known again; a log goes on where it was. */
  onDown(): void {
    this.turn += 1;
    this.awaits = null;
    this.#askedAfter = null;
    if (this.isLog) return;
    this.#last = null;
    for (const member of this.members) member.isFresh = false;
  }

  tookSnapshot(at: After): void {
    this.#last = at;
    this.#askedAfter = null;
    this.awaits = null;
    for (const member of this.members) member.isFresh = true;
  }

  judge(at: After): Verdict {
    const last = this.#last;
    if (last === null || last.epoch !== at.epoch) return "ask";
    if (at.seq <= last.seq) return "ignore";
    const isGap = at.seq > last.seq + 1 && topics[this.topic].policy !== "latest";
    if (isGap && this.#askedAfter !== last.seq) {
      this.#askedAfter = last.seq;
      // A log is replayed from the gap on, so this event comes again in its place; elsewhere it is still news.
      if (this.isLog) return "ask";
      this.#last = at;
      return "deliver_and_ask";
    }
    this.#last = at;
    return "deliver";
  }
}

/** Which native channel a subscription or an event belongs to: topic, scope and key as one name. */
import type { TopicName } from "#protocol";
import { topics } from "#protocol";
import type { Audience } from "../core/bus.ts";
import type { Session } from "../core/caller.ts";
import { AppError } from "../core/errors.ts";

export interface ChannelTarget {
  readonly native: string;
  /** `key` of the frames; absent where the client need not tell channels apart. */
  readonly wireKey: string | undefined;
  readonly ownerId: Session["userId"] | null;
  readonly featureKey: string;
}

const owned = (topic: TopicName, ownerId: number) => `${topic}#user:${ownerId}`;
const everybodys = (topic: TopicName) => `${topic}#all`;
const keyed = (topic: TopicName, key: string) => `${topic}#key:${key}`;

/** Where a subscription goes; throws when the key does not fit the topic or the session may not use it. */
export function targetOf(topic: TopicName, key: string | undefined, session: Session): ChannelTarget {
  const { scope } = topics[topic];
  switch (scope) {
    case "everyone":
      if (key !== undefined) throw badKey("this topic has no keys");
      return { native: topic, wireKey: undefined, ownerId: null, featureKey: "" };
    case "owner":
      return ownerTarget(topic, key ?? "own", session);
    case "keyed":
      if (key === undefined) throw badKey("this topic needs a key");
      return { native: keyed(topic, key), wireKey: key, ownerId: null, featureKey: key };
    default:
      throw new Error(`Unknown scope ${String(scope satisfies never)}`);
  }
}

function ownerTarget(topic: TopicName, key: string, session: Session): ChannelTarget {
  if (key === "own") {
    const { userId } = session;
    return { native: owned(topic, userId), wireKey: undefined, ownerId: userId, featureKey: "" };
  }
  if (key !== "all") throw badKey("own or all");
  if (session.role !== "admin") throw new AppError("forbidden", "Only an administrator may see everybody's");
  return { native: everybodys(topic), wireKey: "all", ownerId: null, featureKey: "" };
}

function badKey(allowed: string): AppError {
  return new AppError("invalid_input", `key: ${allowed}`, { field: "key" });
}

/** The channels that hear an event. */
export function channelsOf(topic: TopicName, to: Audience): readonly string[] {
  switch (to.kind) {
    case "everyone":
      return [topic];
    case "owner":
      return [owned(topic, to.ownerId), everybodys(topic)];
    case "all":
      return [everybodys(topic)];
    case "key":
      return [keyed(topic, to.key)];
    default:
      throw new Error(`Unknown audience ${String(to satisfies never)}`);
  }
}

/** Ties the snapshot and the permission check of a topic to its entry of the protocol's topic table. */
import type { SnapshotOf, TopicName } from "#protocol";
import type { Session } from "./caller.ts";

/** `own` and `all` are resolved by the gateway; a feature sees the owner it asks for, or null for everybody's. */
export interface TopicRequest {
  readonly session: Session;
  /** For `owner` topics: whose things; null means all owners (admins only, already checked). */
  readonly ownerId: Session["userId"] | null;
  /** For `keyed` topics: the key, not yet validated; empty for the others. */
  readonly key: string;
}

export interface BoundTopic {
  readonly name: TopicName;
  /**
   * State as of now. Throws `AppError` (`not_found`, `forbidden`) when the session may not see the key.
   * Must be synchronous with the bus: an event published after it returns is newer than the snapshot.
   */
  snapshot(request: TopicRequest): unknown;
}

/** Defines one topic; `name` types its snapshot from the protocol. */
export function defineTopic<T extends TopicName>(
  name: T,
  snapshot: (request: TopicRequest) => SnapshotOf<T>,
): BoundTopic {
  return { name, snapshot };
}

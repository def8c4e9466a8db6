/** The shape of one entry of the topic table. */
import type { z } from "zod";

/**
 * What happens when a client is slower than the stream:
 * `latest` - only the newest event matters, older ones may be skipped;
 * `latest-per-key` - the newest event of each item matters, the snapshot repairs any gap;
 * `log` - nothing may be skipped: numbered, replayed from `after` on resume, or a snapshot if too old.
 */
export type TopicPolicy = "latest" | "latest-per-key" | "log";

/**
 * Who hears it:
 * `everyone` - one channel for all sessions;
 * `owner` - one channel per owner; the key is `own` (default), or `all` for admins;
 * `keyed` - one channel per key, which the feature authorises (a job id, a terminal id).
 */
export type TopicScope = "everyone" | "owner" | "keyed";

export interface TopicSpec<S extends z.ZodType = z.ZodType, E extends z.ZodType = z.ZodType> {
  readonly summary: string;
  readonly policy: TopicPolicy;
  readonly scope: TopicScope;
  /** Data of a `snapshot` frame. */
  readonly snapshot: S;
  /** Data of an `event` frame. */
  readonly event: E;
}

export function topic<S extends z.ZodType, E extends z.ZodType>(spec: TopicSpec<S, E>): TopicSpec<S, E> {
  return spec;
}

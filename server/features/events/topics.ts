/** Snapshot of `event.feed`. */
import { type BoundTopic, defineTopic } from "../../core/topic.ts";
import type { EventRepo } from "./event-repo.ts";

const NEWEST = 50;

export function eventTopics(repo: EventRepo): readonly BoundTopic[] {
  return [defineTopic("event.feed", ({ ownerId }) => ({ events: repo.list({ ownerId, limit: NEWEST }) }))];
}

/** Stores what happened and tells those who listen: an owner's events to the owner, the host's own to administrators. */
import type { Audience } from "../../core/bus.ts";
import type { EventLog } from "../../core/event-log.ts";
import type { EventDeps } from "./deps.ts";
import type { EventRepo } from "./event-repo.ts";

export function createEventLog({ bus, clock, log }: EventDeps, repo: EventRepo): EventLog {
  return {
    record(event) {
      try {
        const stored = repo.insert(event, clock.now());
        const to: Audience =
          stored.ownerId === null ? { kind: "all" } : { kind: "owner", ownerId: stored.ownerId };
        bus.publish("event.feed", to, { events: [stored] });
      } catch (error) {
        // What it tells of has happened already: a full disk must not undo it or fail its answer.
        log.error({ err: error, event: event.name }, "an event was not stored");
      }
    },
  };
}

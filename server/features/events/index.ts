/** Front door of the events feature: what happened, and what administrators did. */
import type { AuditSink, EventLog } from "../../core/event-log.ts";
import type { Feature } from "../../core/feature.ts";
import { createAuditRepo } from "./audit-repo.ts";
import { createAuditSink } from "./audit-sink.ts";
import { createTargetFinder } from "./audit-target.ts";
import { exportAudit } from "./commands/export-audit.ts";
import { listAudit } from "./commands/list-audit.ts";
import { listEvents } from "./commands/list-events.ts";
import type { EventCommandDeps, EventDeps } from "./deps.ts";
import { createEventLog } from "./event-log.ts";
import { createEventRepo } from "./event-repo.ts";
import { eventTopics } from "./topics.ts";

export interface EventFeature extends Feature {
  readonly log: EventLog;
  readonly audit: AuditSink;
}

export function createEventFeature(deps: EventDeps): EventFeature {
  const events = createEventRepo(deps.db);
  const audit = createAuditRepo(deps.db);
  const log = createEventLog(deps, events);
  const findTarget = createTargetFinder(deps.db);
  const commandDeps: EventCommandDeps = { events, audit, cursors: deps.cursors, clock: deps.clock };
  return {
    log,
    audit: createAuditSink(deps, { repo: audit, events: log, findTarget }),
    commands: [listEvents, listAudit, exportAudit].map((command) => command.bind(commandDeps)),
    topics: eventTopics(events),
    dispose: () => undefined,
  };
}

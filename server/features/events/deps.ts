/** What the events feature needs from outside, and what its commands share. */
import type { Db } from "../../../db/client.ts";
import type { Bus } from "../../core/bus.ts";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { Cursors } from "../../core/paging.ts";
import type { AuditRepo } from "./audit-repo.ts";
import type { EventRepo } from "./event-repo.ts";

export interface EventDeps {
  readonly db: Db;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly cursors: Cursors;
}

export interface EventCommandDeps {
  readonly events: EventRepo;
  readonly audit: AuditRepo;
  readonly cursors: Cursors;
  readonly clock: Clock;
}

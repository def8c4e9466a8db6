/** Rows of events. They are written once and read; nothing here changes or deletes one. */
import { and, desc, eq, gte, lt, lte, or, type SQL, sql } from "drizzle-orm";
import type { EventType, EventView, Severity, UserId, VmId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { events } from "../../../db/schema/index.ts";
import type { NewEvent } from "../../core/event-log.ts";
import { containsPattern } from "../../core/literal-search.ts";

export interface EventFilter {
  /** Null for everybody's and the host's. */
  readonly ownerId: UserId | null;
  readonly type?: EventType | undefined;
  readonly severity?: Severity | undefined;
  readonly vmId?: VmId | undefined;
  readonly search?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Only older ones. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface EventRepo {
  insert(event: NewEvent, nowMs: number): EventView;
  /** Newest first. */
  list(filter: EventFilter): EventView[];
}

const view = {
  id: events.id,
  atMs: events.atMs,
  type: events.type,
  severity: events.severity,
  name: events.name,
  message: events.message,
  ownerId: events.ownerId,
  actorName: events.actorName,
  vmId: events.vmId,
  targetName: events.targetName,
  remoteAddress: events.remoteAddress,
};

export function createEventRepo({ orm }: Db): EventRepo {
  return {
    insert(event, nowMs) {
      const values = {
        atMs: nowMs,
        type: event.type,
        severity: event.severity,
        name: event.name,
        message: event.message,
        ownerId: event.ownerId,
        actorId: event.actor?.id ?? null,
        actorName: event.actor?.name ?? null,
        vmId: event.vm?.id ?? null,
        targetName: event.targetName ?? event.vm?.name ?? null,
        remoteAddress: event.remoteAddress ?? null,
        details: event.details === undefined ? null : JSON.stringify(event.details),
      };
      return orm.insert(events).values(values).returning(view).get();
    },
    list(filter) {
      const rows = orm.select(view).from(events).where(matching(filter));
      return rows.orderBy(desc(events.id)).limit(filter.limit).all();
    },
  };
}

function matching({ ownerId, type, severity, vmId, search, fromMs, toMs, before }: EventFilter) {
  return and(
    ownerId === null ? undefined : eq(events.ownerId, ownerId),
    type === undefined ? undefined : eq(events.type, type),
    severity === undefined ? undefined : eq(events.severity, severity),
    vmId === undefined ? undefined : eq(events.vmId, vmId),
    search === undefined || search === "" ? undefined : containing(search),
    fromMs === undefined ? undefined : gte(events.atMs, fromMs),
    toMs === undefined ? undefined : lte(events.atMs, toMs),
    before === undefined ? undefined : lt(events.id, before),
  );
}

function containing(search: string): SQL | undefined {
  const pattern = containsPattern(search);
  const columns = [events.message, events.name, events.targetName, events.actorName, events.remoteAddress];
  return or(...columns.map((column) => sql`${column} like ${pattern} escape '\\'`));
}

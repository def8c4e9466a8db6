/** Rows of the audit log, and the names of what they are about. */
import { and, desc, eq, gte, lt, lte, or, type SQL, sql } from "drizzle-orm";
import type { AuditEntry, UserId } from "#protocol";
import type { Db } from "../../../db/client.ts";
import { auditLog } from "../../../db/schema/index.ts";
import { containsPattern } from "../../core/literal-search.ts";

export interface AuditFilter {
  readonly search?: string | undefined;
  readonly actorId?: UserId | undefined;
  readonly action?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Only older ones. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface AuditRepo {
  insert(entry: Omit<AuditEntry, "id">): void;
  /** Newest first. */
  list(filter: AuditFilter): AuditEntry[];
}

export function createAuditRepo({ orm }: Db): AuditRepo {
  return {
    insert: (entry) => void orm.insert(auditLog).values(entry).run(),
    list(filter) {
      const rows = orm.select().from(auditLog).where(matching(filter));
      return rows.orderBy(desc(auditLog.id)).limit(filter.limit).all();
    },
  };
}

function matching({ search, actorId, action, fromMs, toMs, before }: AuditFilter): SQL | undefined {
  return and(
    actorId === undefined ? undefined : eq(auditLog.actorId, actorId),
    action === undefined ? undefined : eq(auditLog.action, action),
    search === undefined || search === "" ? undefined : containing(search),
    fromMs === undefined ? undefined : gte(auditLog.atMs, fromMs),
    toMs === undefined ? undefined : lte(auditLog.atMs, toMs),
    before === undefined ? undefined : lt(auditLog.id, before),
  );
}

function containing(search: string): SQL | undefined {
  const pattern = containsPattern(search);
  const columns = [auditLog.action, auditLog.actorName, auditLog.targetName, auditLog.input];
  return or(...columns.map((column) => sql`${column} like ${pattern} escape '\\'`));
}

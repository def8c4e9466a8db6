/** `audit.export`: the audit log as CSV. */
import { defineCommand } from "../../../core/command.ts";
import { EXPORT_ROWS, toCsv } from "../../../core/csv.ts";
import type { EventCommandDeps } from "../deps.ts";

const header = ["id", "time", "actor", "action", "target", "target_id", "outcome", "address", "input"];

export const exportAudit = defineCommand(
  "audit.export",
  (filter, _caller, { audit, clock }: EventCommandDeps) => {
    const rows = audit
      .list({ ...filter, limit: EXPORT_ROWS })
      .map((entry) => [
        entry.id,
        new Date(entry.atMs).toISOString(),
        entry.actorName,
        entry.action,
        entry.targetName,
        entry.targetId,
        entry.outcome,
        entry.remoteAddress,
        entry.input,
      ]);
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    return { fileName: `audit-${day}.csv`, mediaType: "text/csv; charset=utf-8", text: toCsv(header, rows) };
  },
);

/** `audit.export`: the audit log as CSV. */
import type { AuditEntry } from "#protocol";
import { defineCommand } from "../../../core/command.ts";
import { csvLines, EXPORT_ROWS } from "../../../core/csv.ts";
import type { EventCommandDeps } from "../deps.ts";

const header = ["id", "time", "actor", "action", "target", "target_id", "outcome", "address", "input"];

/** Read and written at one go: some ten milliseconds, after which others get their turn. */
const CHUNK_ROWS = 1_000;

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

function rowOf(entry: AuditEntry) {
  const { id, actorName, action, targetName, targetId, outcome, remoteAddress, input } = entry;
  const time = new Date(entry.atMs).toISOString();
  return [id, time, actorName, action, targetName, targetId, outcome, remoteAddress, input];
}

export const exportAudit = defineCommand(
  "audit.export",
  async (filter, _caller, { audit, clock }: EventCommandDeps) => {
    const parts = [csvLines([header])];
    let before: number | undefined;
    for (let rows = 0; rows < EXPORT_ROWS; rows += CHUNK_ROWS) {
      const entries = audit.list({ ...filter, before, limit: CHUNK_ROWS });
      parts.push(csvLines(entries.map(rowOf)));
      if (entries.length < CHUNK_ROWS) break;
      before = entries.at(-1)?.id;
      await nextTurn();
    }
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    return { fileName: `audit-${day}.csv`, mediaType: "text/csv; charset=utf-8", text: parts.join("") };
  },
);

/** What happened: the event feed of users and the audit log of administrators. Neither is ever changed or deleted with a user or a VM. */
import { z } from "zod";
import { command } from "./command-spec.ts";
import { line, oneOf, searchText, timeInput } from "./fields.ts";
import { epochMs, userId, vmId } from "./ids.ts";
import { nextCursor, pageFields, textFile } from "./paging.ts";
import { topic } from "./topic-spec.ts";

export const eventTypes = ["vm", "auth", "system", "security", "admin", "terminal"] as const;
export const eventType = oneOf(eventTypes);
export type EventType = z.infer<typeof eventType>;

export const severities = ["info", "warning", "critical"] as const;
export const severity = oneOf(severities);
export type Severity = z.infer<typeof severity>;

export const eventView = z.object({
  /** Grows by time; also the number to resume from. */
  id: z.int(),
  atMs: epochMs,
  type: eventType,
  severity,
  /** What happened, as a stable word, e.g. `credits.low` or `vm.lease.ended`. */
  name: z.string(),
  /** One sentence for a person. */
  message: z.string(),
  /** Whose feed it is in; null for the host's own. */
  ownerId: userId.nullable(),
  actorName: z.string().nullable(),
  vmId: vmId.nullable(),
  targetName: z.string().nullable(),
  remoteAddress: z.string().nullable(),
});
export type EventView = z.infer<typeof eventView>;

export const auditEntry = z.object({
  id: z.int(),
  atMs: epochMs,
  actorId: userId,
  actorName: z.string(),
  /** The command, e.g. `admin.user.update`. */
  action: z.string(),
  /** What it was done to, by id and the name it had then. */
  targetId: z.int().nullable(),
  targetName: z.string().nullable(),
  /** The input as JSON, secrets blanked. */
  input: z.string(),
  /** `ok`, or the code of the refusal. */
  outcome: z.string(),
  remoteAddress: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntry>;

const auditFilter = {
  search: searchText.optional(),
  actorId: userId.optional(),
  action: line(1, 64).optional(),
  fromMs: timeInput.optional(),
  toMs: timeInput.optional(),
};

export const eventCommands = {
  "event.list": command({
    summary: "Events of you and your VMs, newest first; administrators see everybody's",
    access: "user",
    effect: "read",
    input: z.strictObject({
      type: eventType.optional(),
      severity: severity.optional(),
      vmId: vmId.optional(),
      search: searchText.optional(),
      fromMs: timeInput.optional(),
      toMs: timeInput.optional(),
      ...pageFields,
    }),
    output: z.object({ events: z.array(eventView), nextCursor }),
    rest: { method: "GET", path: "/api/soc/events" },
  }),
  "audit.list": command({
    summary: "What administrators did, newest first",
    access: "admin",
    effect: "read",
    input: z.strictObject({ ...auditFilter, ...pageFields }),
    output: z.object({ entries: z.array(auditEntry), nextCursor }),
    rest: { method: "GET", path: "/api/admin/audit" },
  }),
  "audit.export": command({
    summary: "The audit log as CSV, newest first, at most 50,000 rows",
    access: "admin",
    effect: "read",
    input: z.strictObject(auditFilter),
    output: textFile,
    rest: { method: "GET", path: "/api/admin/audit.csv", reply: "file" },
  }),
} as const;

export const eventTopics = {
  "event.feed": topic({
    summary: "Events as they happen; the snapshot holds the newest 50",
    policy: "log",
    scope: "owner",
    snapshot: z.object({ events: z.array(eventView) }),
    event: z.object({ events: z.array(eventView) }),
  }),
} as const;

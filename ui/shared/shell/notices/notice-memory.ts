/** What this browser keeps of notices: the list of a tab, and the newest event a person has been told of. */
import { z } from "zod";
import { jobView } from "#protocol";
import type { Notice } from "./notice-list.ts";

const LIST_KEY = "twarga-notices";
const SEEN_KEY = "twarga-events-seen";

const base = {
  key: z.string(),
  vmId: jobView.shape.vmId,
  atMs: z.number(),
  isRead: z.boolean(),
};
const notice = z.discriminatedUnion("source", [
  z.object({
    ...base,
    source: z.literal("job"),
    jobId: jobView.shape.id,
    kind: jobView.shape.kind,
    state: z.enum(["succeeded", "failed", "cancelled"]),
    targetName: z.string(),
    message: z.string().nullable(),
  }),
  z.object({
    ...base,
    source: z.literal("event"),
    name: z.string(),
    severity: z.enum(["warning", "critical"]),
    message: z.string(),
  }),
]);
const list = z.object({ userId: z.number(), notices: z.array(notice) });
const seen = z.object({ userId: z.number(), eventId: z.number() });

function read<T>(storage: () => Storage, key: string, shape: z.ZodType<T>): T | null {
  try {
    return shape.safeParse(JSON.parse(storage().getItem(key) ?? "null")).data ?? null;
  } catch {
    return null;
  }
}

function write(storage: () => Storage, key: string, value: unknown): void {
  try {
    storage().setItem(key, JSON.stringify(value));
  } catch {
    // Storage is switched off or full: they last as long as the page.
  }
}

/** Nothing of what another person left in this tab. */
export function readNotices(userId: number): readonly Notice[] {
  const stored = read(() => sessionStorage, LIST_KEY, list);
  return stored?.userId === userId ? stored.notices : [];
}

export function writeNotices(userId: number, notices: readonly Notice[]): void {
  write(() => sessionStorage, LIST_KEY, { userId, notices });
}

export function readSeen(userId: number): number {
  const stored = read(() => localStorage, SEEN_KEY, seen);
  return stored?.userId === userId ? stored.eventId : 0;
}

export function writeSeen(userId: number, eventId: number): void {
  write(() => localStorage, SEEN_KEY, { userId, eventId });
}

/** Outcomes of jobs that ended while the person looked elsewhere, and warnings of the event feed; pure. */
import type { EventView, JobId, JobKind, JobState, JobView, Severity, VmId } from "#protocol";

interface NoticeBase {
  /** Unlike those of all others. */
  readonly key: string;
  readonly vmId: VmId | null;
  readonly message: string | null;
  readonly atMs: number;
  readonly isRead: boolean;
}

export interface JobNotice extends NoticeBase {
  readonly source: "job";
  readonly jobId: JobId;
  readonly kind: JobKind;
  readonly state: Extract<JobState, "succeeded" | "failed" | "cancelled">;
  readonly targetName: string;
}

export interface EventNotice extends NoticeBase {
  readonly source: "event";
  /** E.g. `credits.low`. */
  readonly name: string;
  readonly severity: Exclude<Severity, "info">;
  readonly message: string;
}

export type Notice = JobNotice | EventNotice;

/** A tab that stays open for days must not grow without end. */
const KEPT_NOTICES = 50;

/** Null while the job is at work. */
export function noticeOf(job: JobView): JobNotice | null {
  if (job.state === "queued" || job.state === "running") return null;
  return {
    source: "job",
    key: `job-${job.id}`,
    jobId: job.id,
    kind: job.kind,
    state: job.state,
    vmId: job.vmId,
    targetName: job.targetName,
    message: job.error?.message ?? null,
    atMs: job.endedAtMs ?? job.createdAtMs,
    isRead: false,
  };
}

/** Null for what is no warning, and for what the person did. */
export function noticeOfEvent(event: EventView, username: string): EventNotice | null {
  if (event.severity === "info" || event.actorName === username) return null;
  const { id, name, severity, message, vmId, atMs } = event;
  return { source: "event", key: `event-${id}`, name, severity, message, vmId, atMs, isRead: false };
}

/** How old a warning may be that this browser has never heard of. */
const NEWS_MS = 24 * 3_600_000;

/** Those that came while nobody listened: after the last one seen, and not from long ago. */
export function missedEvents(events: readonly EventView[], lastSeenId: number, nowMs: number) {
  return events
    .filter(({ id, atMs }) => id > lastSeenId && nowMs - atMs < NEWS_MS)
    .toSorted((a, b) => a.id - b.id);
}

export function newestId(events: readonly EventView[], lastSeenId: number): number {
  return events.reduce((newest, { id }) => Math.max(newest, id), lastSeenId);
}

/** A feed never loses events: one that ends before what was seen is another feed, e.g. of a server begun anew. */
export function seenOf(events: readonly EventView[], lastSeenId: number): number {
  return newestId(events, 0) < lastSeenId ? 0 : lastSeenId;
}

/** Newest first; a thing is told of once. */
export function withNotice(notices: readonly Notice[], notice: Notice): readonly Notice[] {
  if (notices.some(({ key }) => key === notice.key)) return notices;
  return [notice, ...notices].slice(0, KEPT_NOTICES);
}

export function allRead(notices: readonly Notice[]): readonly Notice[] {
  return notices.map((notice) => (notice.isRead ? notice : { ...notice, isRead: true }));
}

export function withRead(notices: readonly Notice[], key: string): readonly Notice[] {
  return notices.map((notice) => (notice.key === key ? { ...notice, isRead: true } : notice));
}

export interface Sight {
  readonly page: string;
  /** Of the page of a VM. */
  readonly vmId: number | null;
  readonly isVisible: boolean;
}

/** The outcome is on the screen already: on the page of the VM, and on those that list jobs or VMs. */
export function isInSight(job: JobView, { page, vmId, isVisible }: Sight): boolean {
  if (!isVisible) return false;
  return page === "jobs" || page === "dashboard" || (page === "vm" && vmId === job.vmId);
}

/** Outcomes of jobs that ended while the person looked elsewhere; pure. */
import type { JobId, JobKind, JobState, JobView, VmId } from "#protocol";

export interface Notice {
  readonly jobId: JobId;
  readonly kind: JobKind;
  readonly state: Extract<JobState, "succeeded" | "failed" | "cancelled">;
  readonly vmId: VmId | null;
  readonly targetName: string;
  readonly message: string | null;
  readonly endedAtMs: number;
  readonly isRead: boolean;
}

/** A tab that stays open for days must not grow without end. */
const KEPT_NOTICES = 50;

/** Null while the job is at work. */
export function noticeOf(job: JobView): Notice | null {
  if (job.state === "queued" || job.state === "running") return null;
  return {
    jobId: job.id,
    kind: job.kind,
    state: job.state,
    vmId: job.vmId,
    targetName: job.targetName,
    message: job.error?.message ?? null,
    endedAtMs: job.endedAtMs ?? job.createdAtMs,
    isRead: false,
  };
}

/** Newest first; a job is told of once. */
export function withNotice(notices: readonly Notice[], notice: Notice): readonly Notice[] {
  if (notices.some(({ jobId }) => jobId === notice.jobId)) return notices;
  return [notice, ...notices].slice(0, KEPT_NOTICES);
}

export function allRead(notices: readonly Notice[]): readonly Notice[] {
  return notices.map((notice) => (notice.isRead ? notice : { ...notice, isRead: true }));
}

export function withRead(notices: readonly Notice[], jobId: JobId): readonly Notice[] {
  return notices.map((notice) => (notice.jobId === jobId ? { ...notice, isRead: true } : notice));
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

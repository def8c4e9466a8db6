/** Kinds and states of jobs as words and shapes. */
import type { JobKind, JobState, JobView } from "#protocol";
import { jobKinds } from "#protocol";
import { formatDuration } from "../../shared/charts/units.ts";
import type { StateLook } from "../../shared/components/state-look.ts";

export const jobStateLook: Record<JobState, StateLook> = {
  queued: { label: "Queued", tone: "neutral", shape: "ring" },
  running: { label: "Running", tone: "info", shape: "moving" },
  succeeded: { label: "Done", tone: "success", shape: "check" },
  failed: { label: "Failed", tone: "danger", shape: "cross" },
  cancelled: { label: "Cancelled", tone: "warning", shape: "square" },
};

/** The columns of a list of jobs, for its rows and for its head. */
export const jobColumns =
  "grid items-start gap-x-3 gap-y-0.5 grid-cols-[6rem_minmax(0,1fr)] md:items-center md:gap-x-4 md:grid-cols-[6.5rem_minmax(0,1fr)_8rem_6.5rem_5.5rem_12rem]";

const kinds: Record<JobKind, { readonly title: string; readonly failure: string }> = {
  "vm.create": { title: "Create", failure: "could not be created" },
  "vm.start": { title: "Start", failure: "could not be started" },
  "vm.stop": { title: "Stop", failure: "could not be stopped" },
  "vm.restart": { title: "Restart", failure: "could not be restarted" },
  "vm.destroy": { title: "Destroy", failure: "could not be destroyed" },
  "vm.resize": { title: "Resize", failure: "could not be resized" },
  "vm.rebuild": { title: "Rebuild", failure: "could not be rebuilt" },
  "vm.clone": { title: "Clone", failure: "could not be cloned" },
  "snapshot.create": { title: "Snapshot", failure: "could not be snapshotted" },
  "snapshot.restore": { title: "Restore snapshot", failure: "could not be put back to a snapshot" },
  "snapshot.delete": { title: "Delete snapshot", failure: "kept a snapshot that was to be deleted" },
  "image.build": { title: "Build image", failure: "could not be built" },
  "image.fetch": { title: "Fetch image", failure: "could not be fetched" },
  "image.import": { title: "Import image", failure: "could not be imported" },
};

export const jobKindOptions = jobKinds.map((kind) => ({ value: kind, label: kinds[kind].title }));

/** Who asked for it, and for whom if that is somebody else. */
export function jobActor(job: Pick<JobView, "actorName" | "ownerName">): string {
  const actor = job.actorName ?? "the server";
  return job.actorName === job.ownerName || job.actorName === null ? actor : `${actor} for ${job.ownerName}`;
}

export function jobTitle(kind: JobKind): string {
  return kinds[kind].title;
}

export function failureTitle(job: JobView): string {
  return `${job.targetName} ${kinds[job.kind].failure}`;
}

/** How long it has been at work; a dash before it starts. */
export function jobDuration(job: JobView, nowMs: number): string {
  if (job.startedAtMs === null) return "–";
  return formatDuration(Math.max(0, (job.endedAtMs ?? nowMs) - job.startedAtMs) / 1_000);
}

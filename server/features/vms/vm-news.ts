/** Pure: what is told of a VM in the event feed, by the end of a job or by a change on the host behind our back. */
import type { JobKind, JobView, VmState } from "#protocol";
import type { NewEvent } from "../../core/event-log.ts";
import type { JobOutcome } from "../../core/jobs.ts";
import type { VmRow } from "./vm-row.ts";

type VmJobKind = Exclude<JobKind, `image.${string}`>;

/** Name of the event and what has happened to the VM. */
const done: Readonly<Record<VmJobKind, readonly [name: string, words: string]>> = {
  "vm.create": ["vm.created", "was created"],
  "vm.start": ["vm.started", "was started"],
  "vm.stop": ["vm.stopped", "was stopped"],
  "vm.restart": ["vm.restarted", "was restarted"],
  "vm.destroy": ["vm.destroyed", "was destroyed"],
  "vm.resize": ["vm.resized", "has another size"],
  "vm.rebuild": ["vm.rebuilt", "was rebuilt"],
  "vm.clone": ["vm.cloned", "was made as a copy"],
  "snapshot.create": ["vm.snapshot.taken", "has a new snapshot"],
  "snapshot.restore": ["vm.snapshot.restored", "was put back to a snapshot"],
  "snapshot.delete": ["vm.snapshot.deleted", "has one snapshot less"],
};

/** What did not happen. */
const undone: Readonly<Record<VmJobKind, string>> = {
  "vm.create": "could not be created",
  "vm.start": "could not be started",
  "vm.stop": "could not be stopped",
  "vm.restart": "could not be restarted",
  "vm.destroy": "could not be destroyed",
  "vm.resize": "could not get another size",
  "vm.rebuild": "could not be rebuilt",
  "vm.clone": "could not be made as a copy",
  "snapshot.create": "could not get a snapshot",
  "snapshot.restore": "could not be put back to a snapshot",
  "snapshot.delete": "could not lose a snapshot",
};

type Told = Pick<VmRow, "id" | "ownerId" | "name">;

const about = ({ id, ownerId, name }: Told) =>
  ({ type: "vm", ownerId, vm: { id, name } }) satisfies Partial<NewEvent>;

/** Null for a job that was cancelled before it did anything worth telling. */
export function newsOfJob(vm: Told, job: JobView, outcome: JobOutcome<unknown>): NewEvent | null {
  if (!isVmJob(job.kind)) return null;
  const by = job.actorName === null || job.actorName === job.ownerName ? "" : ` by ${job.actorName}`;
  const base = { ...about(vm), details: { jobId: job.id } };
  if (outcome.ok) {
    const [name, words] = done[job.kind];
    return { ...base, severity: "info", name, message: `${vm.name} ${words}${by}` };
  }
  if (outcome.cancelled) return null;
  const message = `${vm.name} ${undone[job.kind]}: ${outcome.error.message}`;
  return { ...base, severity: "warning", name: `${done[job.kind][0]}.failed`, message };
}

function isVmJob(kind: JobKind): kind is VmJobKind {
  return kind in done;
}

/** What happened to a VM on the host without a job of ours; null for what needs nobody's attention. */
export function newsOfFact(
  vm: Told,
  before: VmState,
  after: VmState,
  reason: string | null,
): NewEvent | null {
  if (before === after) return null;
  const event = (severity: NewEvent["severity"], name: string, words: string): NewEvent => ({
    ...about(vm),
    severity,
    name,
    message: `${vm.name} ${words}`,
  });
  switch (after) {
    case "running":
      return event("info", "vm.host.running", "runs again; it was not started from here");
    case "stopped":
      return reason === null
        ? event("info", "vm.host.stopped", "went off by itself")
        : event("warning", "vm.host.crashed", "crashed on the host; it can be started again");
    case "failed":
      return event("critical", "vm.host.removed", "is no longer on the host; something removed it there");
    default:
      return reason === null
        ? null
        : event("warning", "vm.host.unknown", `is in an unknown state: ${reason}`);
  }
}

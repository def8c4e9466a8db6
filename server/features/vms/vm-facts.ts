/** Pure: what a fact of the hypervisor, or the end of a job, means for a VM's row. */
import type { JobKind, VmState } from "#protocol";
import type { JobFailure, JobOutcome } from "../../core/jobs.ts";
import type { ObservedVm } from "../../drivers/vm-driver.ts";

/** The part of a row that facts decide. */
export interface VmCondition {
  readonly state: VmState;
  readonly ip: string | null;
  readonly startedAtMs: number | null;
  readonly errorMessage: string | null;
  readonly errorDetail: string | null;
}

export type Fact = Pick<ObservedVm, "state" | "ip">;

/** `null` stands for a hypervisor that does not answer. */
export type MaybeFact = Fact | null;

const calm = { errorMessage: null, errorDetail: null };
const off = { ip: null, startedAtMs: null };

const trouble = (state: VmState, errorMessage: string, errorDetail = ""): VmCondition => ({
  ...off,
  state,
  errorMessage,
  errorDetail,
});

/** The condition a fact alone stands for. */
export function conditionOf(fact: MaybeFact, before: VmCondition, nowMs: number): VmCondition {
  if (fact === null)
    return trouble("unknown", "The hypervisor does not answer, so the state of this VM is not known");
  switch (fact.state) {
    case "running":
      // A lease that is not read yet does not make a known address wrong.
      return {
        ...calm,
        state: "running",
        ip: fact.ip ?? before.ip,
        startedAtMs: before.startedAtMs ?? nowMs,
      };
    case "stopped":
      return { ...calm, ...off, state: "stopped" };
    case "paused":
      return trouble("unknown", "This VM is paused on the host; stop it or resume it there");
    case "crashed":
      return trouble("stopped", "This VM crashed on the host; it can be started again");
    case "absent":
      return trouble("failed", "This VM is no longer on the host; somebody or something removed it there");
    default:
      return fact.state satisfies never;
  }
}

/** What a fact that arrives while no job works changes; null when it changes nothing. */
export function applyFact(before: VmCondition, fact: MaybeFact, nowMs: number): VmCondition | null {
  // Only destroying helps a failed VM: remains of it on the host do not make it whole.
  if (before.state === "failed") return null;
  const seen = conditionOf(fact, before, nowMs);
  // The failure of the last action stays readable while the fact behind it stays the same.
  const after = seen.state === before.state && seen.errorMessage === null ? keepError(seen, before) : seen;
  return isSame(before, after) ? null : after;
}

function keepError(seen: VmCondition, { errorMessage, errorDetail }: VmCondition): VmCondition {
  return { ...seen, errorMessage, errorDetail };
}

function isSame(a: VmCondition, b: VmCondition): boolean {
  return (
    a.state === b.state &&
    a.ip === b.ip &&
    a.startedAtMs === b.startedAtMs &&
    a.errorMessage === b.errorMessage &&
    a.errorDetail === b.errorDetail
  );
}

const withError = (condition: VmCondition, error: JobFailure): VmCondition => ({
  ...condition,
  errorMessage: error.message,
  errorDetail: error.detail,
});

/** How the work of a job left its machine. */
export type Aftermath =
  | { readonly state: "running"; readonly ip: string | null }
  | { readonly state: "stopped" }
  /** As it was, e.g. when a snapshot was taken. */
  | { readonly state: "same" };

/** Where a failed or cancelled job leaves its VM; `fact` was asked for after the failure. */
export function afterFailure(
  kind: JobKind,
  error: JobFailure,
  fact: MaybeFact,
  before: VmCondition,
  nowMs: number,
): VmCondition {
  // What was made anew leaves nothing behind, and half a destroy leaves nothing usable.
  if (!leavesMachine(kind)) return trouble("failed", error.message, error.detail);
  return withError(conditionOf(fact, before, nowMs), error);
}

/** After these a machine is there whose state decides; the others end with all or nothing. */
export function leavesMachine(kind: JobKind): boolean {
  switch (kind) {
    case "vm.create":
    case "vm.clone":
    case "vm.rebuild":
    case "vm.destroy":
      return false;
    default:
      return true;
  }
}

/** Where a job that reached its aim leaves its VM. Destroyed VMs have no condition. */
export function afterSuccess(aftermath: Aftermath, before: VmCondition, nowMs: number): VmCondition {
  switch (aftermath.state) {
    case "running":
      return { ...calm, state: "running", ip: aftermath.ip, startedAtMs: nowMs };
    case "stopped":
      return { ...calm, ...off, state: "stopped" };
    case "same":
      return { ...before, ...calm };
    default:
      return aftermath satisfies never;
  }
}

/** What the end of a snapshot's job makes of its row; `listed`: the driver's whole ones, null without an answer. */
export function snapshotAfter(
  kind: JobKind,
  isReached: boolean,
  listed: boolean | null,
): "ready" | "failed" | "gone" {
  if (isReached) return kind === "snapshot.delete" ? "gone" : "ready";
  if (kind === "snapshot.create") return listed === false ? "gone" : "failed";
  if (kind === "snapshot.delete" && listed === false) return "gone";
  return listed === false || (listed === null && kind === "snapshot.delete") ? "failed" : "ready";
}

/** Interrupted, these are ended by what is found on the host; the others go on or are undone. */
export function isJudgedByFact(kind: JobKind): boolean {
  return kind === "vm.start" || kind === "vm.stop" || kind === "vm.restart";
}

/** How an interrupted start, stop or restart ended, judged by the fact found afterwards. */
export function outcomeByFact(kind: JobKind, fact: MaybeFact): JobOutcome<{ readonly aftermath: Aftermath }> {
  if (kind === "vm.start" && fact?.state === "running")
    return { ok: true, value: { aftermath: { state: "running", ip: fact.ip } } };
  if (kind === "vm.stop" && fact?.state === "stopped")
    return { ok: true, value: { aftermath: { state: "stopped" } } };
  // A running VM does not tell whether its restart has happened.
  return { ok: false, cancelled: false, error: interrupted };
}

export const interrupted: JobFailure = {
  code: "unavailable",
  message: "Interrupted by a restart of the server",
  detail: "",
};

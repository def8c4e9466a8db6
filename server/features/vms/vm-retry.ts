/** How jobs of VMs are asked for again: the stored request goes through the rules of its command once more. */
import { commands, type JobId, type JobKind, type JobView, type VmAction } from "#protocol";
import type { Caller, Session } from "../../core/caller.ts";
import { AppError } from "../../core/errors.ts";
import { cloneVm } from "./commands/clone-vm.ts";
import { createVm } from "./commands/create-vm.ts";
import { rebuildVm } from "./commands/rebuild-vm.ts";
import { resizeVm } from "./commands/resize-vm.ts";
import { createSnapshot, deleteSnapshot, restoreSnapshot } from "./commands/snapshots.ts";
import { originOf, type VmCaller } from "./deps.ts";
import { resizeRequest, vmRequest } from "./job-requests.ts";
import type { VmCommandDeps } from "./command-deps.ts";

export const vmJobKinds = [
  "vm.create",
  "vm.start",
  "vm.stop",
  "vm.restart",
  "vm.destroy",
  "vm.resize",
  "vm.rebuild",
  "vm.clone",
  "snapshot.create",
  "snapshot.restore",
  "snapshot.delete",
] as const satisfies readonly JobKind[];

interface Retry {
  readonly deps: VmCommandDeps;
  readonly job: JobView;
  readonly request: unknown;
  readonly caller: VmCaller;
}

export async function retryVmJob(retry: Retry): Promise<JobId> {
  const { deps, job, request } = retry;
  const caller = asCaller(retry.caller);
  switch (job.kind) {
    case "vm.create":
    case "vm.clone":
      return makeAgain(retry, job.kind);
    case "vm.start":
      return actAgain(retry, "start");
    case "vm.stop":
      return actAgain(retry, "stop");
    case "vm.restart":
      return actAgain(retry, "restart");
    case "vm.destroy":
      return actAgain(retry, "destroy");
    case "vm.resize": {
      const { before: _, ...size } = resizeRequest.parse(request);
      return (await resizeVm.handler({ ...vmRequest.parse(request), ...size }, caller, deps)).jobId;
    }
    case "vm.rebuild":
      return (await rebuildVm.handler(commands[job.kind].input.parse(request), caller, deps)).jobId;
    case "snapshot.create":
      return (await createSnapshot.handler(commands[job.kind].input.parse(request), caller, deps)).jobId;
    case "snapshot.restore":
      return (await restoreSnapshot.handler(commands[job.kind].input.parse(request), caller, deps)).jobId;
    case "snapshot.delete":
      return (await deleteSnapshot.handler(commands[job.kind].input.parse(request), caller, deps)).jobId;
    default:
      throw new AppError("unsupported", `A job of kind ${job.kind} is no work on a VM`);
  }
}

function actAgain({ deps, request, caller }: Retry, action: VmAction): JobId {
  const row = deps.rowFor(caller.session, vmRequest.parse(request).vmId);
  return deps.actions.act(row, action, originOf(caller)).jobId;
}

/** What failed left its row: that very VM is made again. Destroyed since, it is made as a new one. */
async function makeAgain(
  { deps, job, request, caller }: Retry,
  kind: "vm.create" | "vm.clone",
): Promise<JobId> {
  const row = job.vmId === null ? undefined : deps.repo.find(job.vmId);
  if (row?.state === "failed") {
    if (kind === "vm.create") await deps.images.check(row, caller.session.role);
    const vm = deps.rowFor(caller.session, row.id);
    const asked = { ...originOf(caller), request: commands[kind].input.parse(request) };
    return deps.making.again(vm, kind, asked).jobId;
  }
  const full = asCaller(caller);
  const made =
    kind === "vm.create"
      ? await createVm.handler(commands[kind].input.parse(request), full, deps)
      : await cloneVm.handler(commands[kind].input.parse(request), full, deps);
  return made.jobId;
}

/** The parts of a caller that commands of VMs look at. */
function asCaller({ session, requestKey }: VmCaller): Caller<Session> {
  const base = { session, face: "rest" as const, remoteAddress: "", userAgent: "", channel: null };
  return requestKey === undefined ? base : { ...base, requestKey };
}

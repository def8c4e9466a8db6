/** What each kind of job asks of the driver, and how what failed half way is undone. */
import type { JobView, SnapshotView } from "#protocol";
import { AppError } from "../../core/errors.ts";
import type { JobRun, JobRunner } from "../../core/jobs.ts";
import type { CreatedVm, StartupResult, VmDriver } from "../../drivers/vm-driver.ts";
import type { VmImages } from "./deps.ts";
import { cloneRequest, resizeRequest } from "./job-requests.ts";
import { driverNameOf, type SnapshotRepo } from "./snapshot-repo.ts";
import type { SshKeyRepo } from "./ssh-keys/ssh-key-repo.ts";
import type { Aftermath } from "./vm-facts.ts";
import type { VmRepo } from "./vm-repo.ts";
import { machineOf, noSuchVm, refOf } from "./vm-view.ts";
import type { VmRow } from "./vm-row.ts";

export interface Done {
  readonly aftermath: Aftermath;
  readonly startup?: StartupResult | null;
  readonly sizeBytes?: number | null;
}

export interface CallDeps {
  readonly driver: VmDriver;
  readonly images: Pick<VmImages, "refOf">;
  readonly jobs: Pick<JobRunner, "requestOf">;
  readonly repo: VmRepo;
  readonly snapshots: SnapshotRepo;
  readonly keys: SshKeyRepo;
}

/** One piece of work: a VM, its job, and where it reports. */
export interface Work {
  readonly vm: VmRow;
  readonly job: JobView;
  readonly run: JobRun;
}

const running = (ip: string | null): Done => ({ aftermath: { state: "running", ip } });
const made = ({ ip, startup }: CreatedVm): Done => ({ aftermath: { state: "running", ip }, startup });
const stopped: Done = { aftermath: { state: "stopped" } };
const same: Done = { aftermath: { state: "same" } };

export async function perform(deps: CallDeps, work: Work): Promise<Done> {
  const { driver } = deps;
  const { vm, job, run } = work;
  const ref = refOf(vm);
  switch (job.kind) {
    case "vm.create":
      return undoing(deps, work, async () => made(await driver.create(machineFor(deps, vm), run)));
    case "vm.clone":
      return undoing(deps, work, async () => made(await clone(deps, work)));
    case "vm.rebuild":
      return rebuild(deps, work);
    case "vm.start":
      return withKeys(deps, work, (await driver.start(ref, run)).ip);
    case "vm.restart":
      return withKeys(deps, work, (await driver.restart(ref, run)).ip);
    case "vm.stop":
      await driver.stop(ref, run);
      return stopped;
    case "vm.destroy":
      await driver.destroy(ref, run);
      return stopped;
    case "vm.resize":
      return resize(deps, work);
    case "snapshot.create":
      return takeSnapshot(deps, work);
    case "snapshot.restore":
      return restore(deps, work);
    case "snapshot.delete":
      await driver.deleteSnapshot(ref, driverNameOf(busySnapshot(deps, vm)), run);
      return same;
    default:
      throw new AppError("unsupported", `A job of kind ${job.kind} is no work on a VM`);
  }
}

function machineFor({ images, keys }: CallDeps, vm: VmRow) {
  return machineOf(vm, images.refOf(vm.image), keys.publicKeysOf(vm.ownerId));
}

/** What was half made is removed before the failure is told. */
async function undoing(deps: CallDeps, work: Work, make: () => Promise<Done>): Promise<Done> {
  try {
    return await make();
  } catch (error) {
    throw await undo(deps.driver, work.vm, work.run, error);
  }
}

async function rebuild(deps: CallDeps, work: Work): Promise<Done> {
  const { vm, run } = work;
  // Refuses a lost image while the old machine is still there.
  const machine = machineFor(deps, vm);
  await deps.driver.destroy(refOf(vm), run);
  return undoing(deps, work, async () => made(await deps.driver.create(machine, run)));
}

async function clone(deps: CallDeps, { vm, job, run }: Work): Promise<CreatedVm> {
  const asked = cloneRequest.parse(deps.jobs.requestOf(job.id));
  const source = deps.repo.find(asked.vmId);
  if (!source) throw noSuchVm();
  const snapshot = asked.snapshotId && deps.snapshots.find(source.id, asked.snapshotId);
  const name = snapshot ? driverNameOf(snapshot) : null;
  return deps.driver.clone(refOf(source), name, machineFor(deps, vm), run);
}

async function resize({ driver, jobs }: CallDeps, { vm, job, run }: Work): Promise<Done> {
  const { before, ...size } = resizeRequest.parse(jobs.requestOf(job.id));
  try {
    await driver.resize(refOf(vm), size, run);
    return stopped;
  } catch (error) {
    const cleanup = run.forCleanup();
    cleanup.output("info", "Going back to the size it had");
    await driver.resize(refOf(vm), before, cleanup).catch((again: unknown) => {
      cleanup.output("error", `Some of it keeps the new size: ${messageOf(again)}`);
    });
    throw error;
  }
}

async function takeSnapshot(deps: CallDeps, { vm, run }: Work): Promise<Done> {
  const name = driverNameOf(busySnapshot(deps, vm));
  try {
    const { sizeBytes } = await deps.driver.createSnapshot(refOf(vm), name, run);
    return { ...same, sizeBytes };
  } catch (error) {
    await removeSnapshot(deps, vm, name, run);
    throw error;
  }
}

/** What is left of a snapshot that did not come to be; never throws, the failure before it counts. */
export async function removeSnapshot(
  { driver }: Pick<CallDeps, "driver">,
  vm: VmRow,
  name: string,
  run: JobRun,
): Promise<void> {
  const cleanup = run.forCleanup();
  await driver.deleteSnapshot(refOf(vm), name, cleanup).catch((error: unknown) => {
    cleanup.output("error", `What was taken so far could not be removed: ${messageOf(error)}`);
  });
}

async function restore(deps: CallDeps, work: Work): Promise<Done> {
  const { vm, run } = work;
  const name = driverNameOf(busySnapshot(deps, vm));
  const { state, ip } = await deps.driver.restoreSnapshot(refOf(vm), name, run);
  // The disk of then has the keys of then: one that was removed since must not open it again.
  return state === "running" ? withKeys(deps, work, ip) : stopped;
}

/** A VM that was off may have missed a key. That it cannot be told now does not undo its start. */
async function withKeys({ driver, keys }: CallDeps, { vm, run }: Work, ip: string | null): Promise<Done> {
  try {
    await driver.setSshKeys(refOf(vm), keys.publicKeysOf(vm.ownerId));
  } catch (error) {
    run.output("error", `Your SSH keys could not be put into it: ${messageOf(error)}`);
  }
  return running(ip);
}

function busySnapshot({ snapshots }: CallDeps, vm: VmRow): SnapshotView {
  const snapshot = snapshots.busyOf(vm.id);
  if (!snapshot) throw new AppError("internal", "The snapshot of this job is not in the database");
  return snapshot;
}

/** Removes what a failed create left; yields the error to report, with the failure of the clean-up if there is one. */
export async function undo(driver: VmDriver, vm: VmRow, run: JobRun, error: unknown): Promise<unknown> {
  // Refused because something of that name is on the host already: that is not ours to remove.
  if (error instanceof AppError && error.code === "conflict") return error;
  const cleanup = run.forCleanup();
  cleanup.output("info", "Removing what was made so far");
  try {
    await driver.destroy(refOf(vm), cleanup);
    return error;
  } catch (cleanupError) {
    cleanup.output("error", "Some of it could not be removed; destroy the VM to try again");
    const known = error instanceof AppError ? error : new AppError("internal", "Creating the VM failed");
    const why = messageOf(cleanupError);
    const detail = [known.detail, `Cleaning up failed too: ${why}`].filter(Boolean).join("\n");
    const cause = new AggregateError([error, cleanupError]);
    return new AppError(known.code, known.message, { cause, detail });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What each kind of job asks of the driver, and how a create that failed is undone. */
import type { JobKind } from "#protocol";
import { AppError } from "../../core/errors.ts";
import type { JobRun } from "../../core/jobs.ts";
import type { VmDriver } from "../../drivers/vm-driver.ts";
import type { VmRow } from "./vm-repo.ts";
import { machineOf, refOf } from "./vm-view.ts";

/** The address of a VM that runs afterwards. */
export type Address = string | null;

export async function create(driver: VmDriver, vm: VmRow, run: JobRun): Promise<Address> {
  try {
    return (await driver.create(machineOf(vm), run)).ip;
  } catch (error) {
    throw await undo(driver, vm, run, error);
  }
}

export async function perform(
  driver: VmDriver,
  kind: Exclude<JobKind, "vm.create">,
  vm: VmRow,
  run: JobRun,
): Promise<Address> {
  const ref = refOf(vm);
  switch (kind) {
    case "vm.start":
      return (await driver.start(ref, run)).ip;
    case "vm.restart":
      return (await driver.restart(ref, run)).ip;
    case "vm.stop":
      await driver.stop(ref, run);
      return null;
    case "vm.destroy":
      await driver.destroy(ref, run);
      return null;
    default:
      throw new AppError("unsupported", `A job of kind ${kind} is not a VM action`);
  }
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
    const why = cleanupError instanceof Error ? cleanupError.message : String(cleanupError);
    const detail = [known.detail, `Cleaning up failed too: ${why}`].filter(Boolean).join("\n");
    const cause = new AggregateError([error, cleanupError]);
    return new AppError(known.code, known.message, { cause, detail });
  }
}

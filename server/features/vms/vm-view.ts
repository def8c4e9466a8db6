/** From a row to what may be shown of it, and to the name a driver knows it by. */
import type { VmView } from "#protocol";
import { AppError } from "../../core/errors.ts";
import type { DriverInfo, VmMachine, VmRef } from "../../drivers/vm-driver.ts";
import type { VmRow } from "./vm-repo.ts";

export function refOf({ id, ownerId, name }: VmRow): VmRef {
  return { vmId: id, ownerId, name };
}

export function machineOf(row: VmRow): VmMachine {
  const { image, ramMb, cpuCores, diskGb } = row;
  return {
    ...refOf(row),
    image: { id: image, box: image, sshUser: "vagrant" },
    sshKeys: [],
    startupScript: row.startupScript || null,
    ramMb,
    cpuCores,
    diskGb,
  };
}

/** Why nothing can be done with this VM now; null when its driver is the one in use. */
export function foreignReason(row: VmRow, driver: DriverInfo): string | null {
  if (row.driver === driver.name) return null;
  return `This VM was made by the ${row.driver} driver, but the server now runs with the ${driver.name} driver`;
}

export function viewOf(row: VmRow, driver: DriverInfo): VmView {
  const { id, ownerId, ownerName, name, label, notes, tags, image, ramMb, cpuCores, diskGb } = row;
  const foreign = foreignReason(row, driver);
  const shown = {
    ...{ id, ownerId, ownerName, name, label, notes, tags, image, ramMb, cpuCores, diskGb },
    sshUser: "vagrant",
    driver: row.driver,
    activeJobId: row.activeJobId,
    snapshots: [],
    leaseEndsAtMs: row.leaseEndsAtMs,
    schedule: row.schedule,
    nextScheduledAtMs: null,
    hasStartupScript: row.startupScript !== "",
    createdAtMs: row.createdAtMs,
  };
  if (foreign !== null)
    return {
      ...shown,
      state: "unknown",
      ip: null,
      startedAtMs: null,
      error: { message: foreign, detail: "" },
    };
  const { state, ip, startedAtMs, errorMessage, errorDetail } = row;
  const error = errorMessage === null ? null : { message: errorMessage, detail: errorDetail ?? "" };
  return { ...shown, state, ip, startedAtMs, error };
}

/** The same words for "absent" and "not yours", so that ids of other users' VMs cannot be probed. */
export function noSuchVm(): AppError {
  return new AppError("not_found", "No such VM");
}

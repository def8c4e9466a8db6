/** Pure: the name a driver knows a VM by, what it costs by, and whether its driver is the one in use. */
import type { BilledVm } from "../../core/billing.ts";
import { AppError } from "../../core/errors.ts";
import type { DriverInfo, ImageRef, VmMachine, VmRef } from "../../drivers/vm-driver.ts";
import type { VmRow } from "./vm-row.ts";

/** By the first owner: handing a VM over renames nothing on the host. */
export function refOf({ id, ownerId, homeOwnerId, name }: VmNames): VmRef {
  return { vmId: id, ownerId: homeOwnerId ?? ownerId, name };
}
type VmNames = Pick<VmRow, "id" | "ownerId" | "homeOwnerId" | "name">;

export function machineOf(row: VmRow, image: ImageRef, sshKeys: readonly string[]): VmMachine {
  const { ramMb, cpuCores, diskGb } = row;
  return { ...refOf(row), image, sshKeys, startupScript: row.startupScript || null, ramMb, cpuCores, diskGb };
}

export function billedOf({ id, ownerId, name, state, ramMb, cpuCores, diskGb }: VmRow): BilledVm {
  return { vmId: id, ownerId, name, state, ramMb, cpuCores, diskGb };
}

/** Why nothing can be done with this VM now; null when its driver is the one in use. */
export function foreignReason(row: Pick<VmRow, "driver">, driver: DriverInfo): string | null {
  if (row.driver === driver.name) return null;
  return `This VM was made by the ${row.driver} driver, but the server now runs with the ${driver.name} driver`;
}

/** The same words for "absent" and "not yours", so that ids of other users' VMs cannot be probed. */
export function noSuchVm(): AppError {
  return new AppError("not_found", "No such VM");
}

/** `vm.resize`: another size for a stopped VM; its disk only grows. */
import type { VmSize } from "#protocol";
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import { originOf } from "../deps.ts";
import { answered } from "./answered.ts";
import type { VmCommandDeps } from "../command-deps.ts";
import type { VmRow } from "../vm-row.ts";

export const resizeVm = defineCommand("vm.resize", async (input, caller, deps: VmCommandDeps) => {
  const { session } = caller;
  const { repo, actions, admission, driver } = deps;
  const first = deps.rowFor(session, input.vmId);
  const before = answered(deps, caller);
  if (before) return before;
  if (!driver.abilities.resize)
    throw new AppError("unsupported", `VMs of the ${driver.info.name} driver cannot get another size`);
  const wanted = sizeFor(first, input);
  // As for an administrator: the image may have been hidden since.
  if (wanted.ramMb < first.ramMb) await deps.images.check({ image: first.image, ...wanted }, "admin");

  // The check took a moment: the VM as it is now decides.
  const vm = deps.rowFor(session, input.vmId);
  const size = sizeFor(vm, input);
  const { ramMb, cpuCores, diskGb } = vm;
  const request = { vmId: vm.id, ...size, before: { ramMb, cpuCores, diskGb } };
  return actions.operate(vm, "resize", { ...originOf(caller), request }, () => {
    requireNoSnapshots(deps, vm, diskGb < size.diskGb);
    admission.admit({ ownerId: vm.ownerId, size, replaces: vm.id });
    // Counted with the larger of both until it has ended; charged by the new size from then on.
    repo.set(vm.id, largest(vm, size));
  });
});

/** Going back to a snapshot of a smaller disk would shrink it behind the row, the quota and the price. */
function requireNoSnapshots({ snapshots }: VmCommandDeps, vm: VmRow, grows: boolean): void {
  if (!grows || snapshots.of(vm.id).length === 0) return;
  throw new AppError("conflict", "The disk cannot grow while the VM has snapshots; delete them first", {
    field: "diskGb",
  });
}

type Wanted = { readonly [part in keyof VmSize]?: number | undefined };

function sizeFor(vm: VmRow, wanted: Wanted): VmSize {
  const { ramMb = vm.ramMb, cpuCores = vm.cpuCores, diskGb = vm.diskGb } = wanted;
  if (diskGb < vm.diskGb)
    throw new AppError("invalid_input", `diskGb must be at least ${vm.diskGb}: a disk only grows`, {
      field: "diskGb",
    });
  if (ramMb === vm.ramMb && cpuCores === vm.cpuCores && diskGb === vm.diskGb)
    throw new AppError("invalid_input", "ramMb, cpuCores or diskGb must differ from what the VM has", {
      field: "ramMb",
    });
  return { ramMb, cpuCores, diskGb };
}

function largest(a: VmSize, b: VmSize): VmSize {
  return {
    ramMb: Math.max(a.ramMb, b.ramMb),
    cpuCores: Math.max(a.cpuCores, b.cpuCores),
    diskGb: Math.max(a.diskGb, b.diskGb),
  };
}

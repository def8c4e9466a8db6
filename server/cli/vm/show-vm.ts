/** VMs as text. */
import type { VmView } from "#protocol";
import { tableOr } from "../cli-context.ts";
import { printable } from "../format.ts";

export function vmTable(vms: readonly VmView[]): string {
  return tableOr(
    "No VMs yet; make one: twarga vm create web01",
    ["ID", "NAME", "STATE", "IP", "IMAGE", "CORES", "RAM", "DISK"],
    vms.map((vm) => [
      String(vm.id),
      vm.name,
      vm.state,
      vm.ip ?? "-",
      vm.image,
      String(vm.cpuCores),
      `${vm.ramMb} MB`,
      `${vm.diskGb} GB`,
    ]),
  );
}

export function vmText(vm: VmView): string {
  const error = vm.error === null ? [] : ["", `Last action failed: ${printable(vm.error.message)}`];
  return [vmTable([vm]), `Driver: ${vm.driver}`, ...error].join("\n");
}

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

/** With whose they are. */
export function allVmTable(vms: readonly VmView[]): string {
  return tableOr(
    "No VM fits",
    ["ID", "OWNER", "NAME", "STATE", "IP", "IMAGE", "CORES", "RAM", "DISK"],
    vms.map((vm) => [
      String(vm.id),
      vm.ownerName,
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
  const { label, tags, leaseEndsAtMs, nextScheduledAtMs, snapshots, error } = vm;
  const lines = [
    label === "" ? null : `Label: ${printable(label)}`,
    tags.length === 0 ? null : `Tags: ${tags.join(", ")}`,
    leaseEndsAtMs === null ? null : `Lease ends: ${timeText(leaseEndsAtMs)}`,
    nextScheduledAtMs === null ? null : `Schedule acts next: ${timeText(nextScheduledAtMs)}`,
    snapshots.length === 0 ? null : `Snapshots: ${snapshots.map(({ name }) => printable(name)).join(", ")}`,
    error === null ? null : `\nLast action failed: ${printable(error.message)}`,
  ];
  return [vmTable([vm]), `Driver: ${vm.driver}`, ...lines.filter((line) => line !== null)].join("\n");
}

function timeText(atMs: number): string {
  return new Date(atMs).toLocaleString("sv").slice(0, 16);
}

/** The columns of the table of VMs, and what one row of it holds. */
import type { VmSample, VmView } from "#protocol";
import type { TableColumn } from "../../../shared/table/table-plan.ts";
import { vmStateLook } from "../vm-state-look.ts";

export interface VmRow {
  readonly vm: VmView;
  readonly cpuPercent: number | null;
  readonly memoryPercent: number | null;
  readonly uptimeMs: number | null;
}

/** Values of a VM that does not run are old, so there are none. */
export function vmRow(vm: VmView, sample: VmSample | null, nowMs: number): VmRow {
  const isRunning = vm.state === "running";
  const live = isRunning ? sample : null;
  const total = live?.memoryTotalBytes ?? 0;
  return {
    vm,
    cpuPercent: live?.cpuPercent ?? null,
    memoryPercent: live && total > 0 ? (live.memoryUsedBytes / total) * 100 : null,
    uptimeMs: isRunning && vm.startedAtMs !== null ? Math.max(0, nowMs - vm.startedAtMs) : null,
  };
}

export const vmColumns: readonly TableColumn<VmRow>[] = [
  { key: "name", label: "Name", value: ({ vm }) => vm.name, width: "minmax(8rem,1.4fr)", isFixed: true },
  {
    key: "state",
    label: "State",
    value: ({ vm }) => vmStateLook[vm.state].label,
    width: "minmax(7.5rem,1fr)",
    isFixed: true,
  },
  { key: "ip", label: "Address", value: ({ vm }) => vm.ip, width: "minmax(8.5rem,1fr)" },
  { key: "cpu", label: "CPU", value: (row) => row.cpuPercent, width: "4.5rem", align: "end" },
  { key: "memory", label: "Memory", value: (row) => row.memoryPercent, width: "5.5rem", align: "end" },
  { key: "uptime", label: "Uptime", value: (row) => row.uptimeMs, width: "6.5rem", align: "end" },
  { key: "image", label: "Image", value: ({ vm }) => vm.image, width: "minmax(7rem,1fr)" },
  { key: "size", label: "Size", value: ({ vm }) => vm.ramMb, width: "minmax(10rem,1fr)" },
  {
    key: "owner",
    label: "Owner",
    value: ({ vm }) => vm.ownerName,
    width: "minmax(6rem,1fr)",
    isHiddenAtFirst: true,
  },
  {
    key: "created",
    label: "Created",
    value: ({ vm }) => vm.createdAtMs,
    width: "7rem",
    isHiddenAtFirst: true,
  },
  { key: "actions", label: "Actions", value: () => null, width: "9.5rem", isUnsortable: true, isFixed: true },
];

/** The columns of the table of VMs, and what one row of it holds. */
import type { VmSample, VmView } from "#protocol";
import { priceOf } from "#protocol";
import type { TableColumn } from "../../../shared/table/table-plan.ts";
import { vmStateLook } from "../vm-state-look.ts";

export interface VmRow {
  readonly vm: VmView;
  readonly cpuPercent: number | null;
  readonly memoryPercent: number | null;
  readonly uptimeMs: number | null;
  /** Milli-credits an hour in the state it is in. */
  readonly price: number;
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
    price: priceOf(vm, vm.state),
  };
}

export const vmColumns: readonly TableColumn<VmRow>[] = [
  { key: "name", label: "Name", value: ({ vm }) => vm.name, minRem: 8, grow: 2, isFixed: true },
  {
    key: "state",
    label: "State",
    value: ({ vm }) => vmStateLook[vm.state].label,
    minRem: 8,
    grow: 1,
    isFixed: true,
  },
  {
    key: "label",
    label: "Label",
    value: ({ vm }) => vm.label || null,
    minRem: 7,
    grow: 1,
    isHiddenAtFirst: true,
  },
  {
    key: "tags",
    label: "Tags",
    value: ({ vm }) => vm.tags.join(" ") || null,
    minRem: 7,
    grow: 1,
    isHiddenAtFirst: true,
  },
  { key: "ip", label: "Address", value: ({ vm }) => vm.ip, minRem: 9.5, grow: 1 },
  { key: "cpu", label: "CPU", value: (row) => row.cpuPercent, minRem: 4, align: "end" },
  { key: "memory", label: "Memory", value: (row) => row.memoryPercent, minRem: 5, align: "end" },
  {
    key: "uptime",
    label: "Uptime",
    value: (row) => row.uptimeMs,
    minRem: 5.5,
    align: "end",
    isHiddenAtFirst: true,
  },
  { key: "price", label: "Credits/h", value: (row) => row.price, minRem: 5, align: "end" },
  {
    key: "lease",
    label: "Lease",
    value: ({ vm }) => vm.leaseEndsAtMs,
    minRem: 9,
    grow: 1,
    isHiddenAtFirst: true,
  },
  { key: "size", label: "Size", value: ({ vm }) => vm.ramMb, minRem: 11.5, grow: 1 },
  { key: "image", label: "Image", value: ({ vm }) => vm.image, minRem: 7, grow: 1, isHiddenAtFirst: true },
  {
    key: "owner",
    label: "Owner",
    value: ({ vm }) => vm.ownerName,
    minRem: 6,
    grow: 1,
    isHiddenAtFirst: true,
  },
  { key: "created", label: "Created", value: ({ vm }) => vm.createdAtMs, minRem: 7, isHiddenAtFirst: true },
  { key: "actions", label: "Actions", value: () => null, minRem: 10.5, isUnsortable: true, isFixed: true },
];

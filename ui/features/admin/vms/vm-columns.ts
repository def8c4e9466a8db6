/** Columns of the table of all VMs, and what the server filters and sorts by; pure. */
import type { CommandRequest, VmState, VmView } from "#protocol";
import { imageId, vmTag } from "#protocol";
import type { TableColumn, TableSort } from "../../../shared/table/table-plan.ts";
import { vmStateLook } from "../../vms/vm-state-look.ts";

type Wanted = CommandRequest<"admin.vm.list">;

export const allVmColumns: readonly TableColumn<VmView>[] = [
  // The label belongs to the name, so that what the server found by it is shown.
  {
    key: "name",
    label: "Name",
    value: (vm) => `${vm.name} ${vm.label}`.trim(),
    minRem: 9,
    grow: 2,
    isFixed: true,
  },
  { key: "owner", label: "Owner", value: (vm) => vm.ownerName, minRem: 7, grow: 1, isFixed: true },
  {
    key: "state",
    label: "State",
    value: (vm) => vmStateLook[vm.state].label,
    minRem: 8,
    isUnsortable: true,
  },
  { key: "image", label: "Image", value: (vm) => vm.image, minRem: 7, grow: 1, isUnsortable: true },
  { key: "ramMb", label: "Size", value: (vm) => vm.ramMb, minRem: 13 },
  {
    key: "tags",
    label: "Tags",
    value: (vm) => vm.tags.join(" ") || null,
    minRem: 7,
    grow: 1,
    isUnsortable: true,
    isHiddenAtFirst: true,
  },
  {
    key: "ip",
    label: "Address",
    value: (vm) => vm.ip,
    minRem: 9.5,
    isUnsortable: true,
    isHiddenAtFirst: true,
  },
  { key: "createdAt", label: "Created", value: (vm) => vm.createdAtMs, minRem: 7 },
  { key: "actions", label: "Actions", value: () => null, minRem: 10.5, isUnsortable: true, isFixed: true },
];

const sorts: Readonly<Record<string, NonNullable<Wanted["sort"]>>> = {
  name: "name",
  owner: "owner",
  ramMb: "ramMb",
  createdAt: "createdAt",
};

const isState = (text: string): text is VmState => Object.hasOwn(vmStateLook, text);

export const stateOptions = [
  { value: "all", label: "Every state" },
  ...Object.entries(vmStateLook).map(([value, { label }]) => ({ value, label })),
];

export interface VmFilter {
  readonly search: string;
  readonly className: string;
  readonly state: string;
  readonly image: string;
  readonly tag: string;
  /** Of a user, e.g. from the page of that user. */
  readonly owner: string;
  readonly sort: TableSort | null;
}

/** The filters of the page as the server takes them; what an address made wrong is no filter. */
export function wantedVms({ search, className, state, image, tag, owner, sort }: VmFilter): Wanted {
  const key = sort && sorts[sort.key];
  const askedTag = vmTag.safeParse(tag.trim());
  const askedImage = imageId.safeParse(image);
  return {
    ...(search.trim() !== "" && { search: search.trim() }),
    ...(className !== "all" && { className }),
    ...(isState(state) && { state }),
    ...(image !== "all" && askedImage.success && { image: askedImage.data }),
    ...(askedTag.success && { tag: askedTag.data }),
    ...(/^[1-9]\d{0,8}$/.test(owner) && { ownerId: Number(owner) }),
    ...(key && { sort: key, order: sort.isDescending ? ("desc" as const) : ("asc" as const) }),
  };
}

/** The page with what was heard since it was read: changed rows are new, removed ones gone. */
export function withHeard(
  rows: readonly VmView[],
  heard: ReadonlyMap<number, VmView | null>,
): readonly VmView[] {
  if (heard.size === 0) return rows;
  return rows.flatMap((vm) => {
    const newer = heard.get(vm.id);
    return newer === null ? [] : [newer ?? vm];
  });
}

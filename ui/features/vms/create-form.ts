/** The form of a new machine: its start values, presets, name suggestion and checks, all pure. */
import type { ErrorCode, ImageView, VmCreateInput, VmSize } from "#protocol";
import { fullPrice, vmCreateInput, vmName, vmSizes } from "#protocol";
import { scheduleError } from "./schedule-words.ts";

export type CreateForm = Omit<VmCreateInput, "pricePerHour">;
export type FormField = keyof CreateForm;
/** `limits` and `price` are no inputs, but places where a refusal belongs. */
export type CreatePlace = FormField | "limits" | "price";
export type CreateErrors = Partial<Record<CreatePlace, string>>;

export interface SizePreset extends VmSize {
  readonly name: string;
}

export const sizePresets: readonly SizePreset[] = [
  { name: "Small", ramMb: vmSizes.ramMb.min, cpuCores: vmSizes.cpuCores.min, diskGb: vmSizes.diskGb.min },
  { name: "Medium", ramMb: 1_024, cpuCores: 2, diskGb: 20 },
  { name: "Large", ramMb: vmSizes.ramMb.max, cpuCores: vmSizes.cpuCores.max, diskGb: vmSizes.diskGb.max },
];

export function isPreset(form: VmSize, preset: SizePreset): boolean {
  return form.ramMb === preset.ramMb && form.cpuCores === preset.cpuCores && form.diskGb === preset.diskGb;
}

/** The first of `web01`, `web02`, … that is free; a copy of `db01` is `db01-2`. */
export function suggestName(taken: ReadonlySet<string>, copyOf?: string): string {
  for (let number = copyOf === undefined ? 1 : 2; ; number += 1) {
    const tail = copyOf === undefined ? String(number).padStart(2, "0") : `-${number}`;
    const name = `${(copyOf ?? "web").slice(0, MOST_NAME - tail.length)}${tail}`;
    if (!taken.has(name)) return name;
  }
}

const MOST_NAME = 32;

export function startForm(taken: ReadonlySet<string>): CreateForm {
  return {
    name: suggestName(taken),
    image: "",
    ramMb: vmSizes.ramMb.default,
    cpuCores: vmSizes.cpuCores.default,
    diskGb: vmSizes.diskGb.default,
    label: "",
    notes: "",
    tags: [],
    startupScript: "",
    leaseHours: null,
    schedule: null,
  };
}

/** The image to begin with: the first that can be used now. */
export function firstAvailable(images: readonly ImageView[]): string {
  return images.find((image) => image.available)?.id ?? "";
}

export function nameError(name: string, taken: ReadonlySet<string>): string {
  const parsed = vmName.safeParse(name);
  if (!parsed.success) return parsed.error.issues[0]?.message ?? "not a valid name";
  return taken.has(name) ? `you already have a VM called ${name}` : "";
}

function imageErrors(form: CreateForm, images: readonly ImageView[]): CreateErrors {
  const image = images.find(({ id }) => id === form.image);
  if (!image) return { image: "choose an image" };
  const errors: CreateErrors = {};
  if (form.ramMb < image.minRamMb) errors.ramMb = `${image.name} needs at least ${image.minRamMb} MB`;
  if (form.diskGb < image.minDiskGb) errors.diskGb = `${image.name} needs at least ${image.minDiskGb} GB`;
  return errors;
}

/** One message per field at fault; empty when the form may be sent. */
export function checkForm(
  form: CreateForm,
  images: readonly ImageView[],
  taken: ReadonlySet<string>,
): CreateErrors {
  const errors: CreateErrors = {};
  for (const issue of vmCreateInput.safeParse(form).error?.issues ?? []) {
    const field = issue.path[0];
    if (isField(field)) errors[field] ??= issue.message;
  }
  const wrongName = nameError(form.name, taken);
  if (wrongName) errors.name = wrongName;
  const wrongSchedule = form.schedule === null ? "" : scheduleError(form.schedule);
  if (wrongSchedule) errors.schedule = wrongSchedule;
  return { ...imageErrors(form, images), ...errors };
}

export function isField(name: unknown): name is FormField {
  return typeof name === "string" && name !== "pricePerHour" && Object.hasOwn(vmCreateInput.shape, name);
}

const places: Partial<Record<ErrorCode, CreatePlace>> = {
  quota_exceeded: "limits",
  host_full: "limits",
  insufficient_credits: "price",
};

/** Where on the form a refusal of the server is shown; null for the form as a whole. */
export function placeOf(code: ErrorCode, field: string | undefined): CreatePlace | null {
  const name = field?.split(".")[0];
  if (name === "pricePerHour") return "price";
  return isField(name) ? name : (places[code] ?? null);
}

/** Fields of the part that is folded away at first. */
const advanced: readonly CreatePlace[] = [
  "label",
  "notes",
  "tags",
  "startupScript",
  "leaseHours",
  "schedule",
];

export function isAdvanced(errors: CreateErrors): boolean {
  return advanced.some((place) => Boolean(errors[place]));
}

/** Milli-credits an hour; null while a number is not one. */
export function shownPrice(form: VmSize): number | null {
  const price = fullPrice(form);
  return Number.isFinite(price) && price >= 0 ? price : null;
}

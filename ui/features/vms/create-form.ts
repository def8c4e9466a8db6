/** The form of a new machine: its start values, presets, name suggestion and checks, all pure. */
import type { ImageView, VmSpec } from "#protocol";
import { vmName, vmSizes, vmSpec } from "#protocol";

export type CreateForm = { -readonly [K in keyof VmSpec]: VmSpec[K] };
export type CreateErrors = Partial<Record<keyof VmSpec, string>>;

export interface SizePreset {
  readonly name: string;
  readonly ramMb: number;
  readonly cpuCores: number;
  readonly diskGb: number;
}

export const sizePresets: readonly SizePreset[] = [
  { name: "Small", ramMb: vmSizes.ramMb.min, cpuCores: vmSizes.cpuCores.min, diskGb: vmSizes.diskGb.min },
  { name: "Medium", ramMb: 1_024, cpuCores: 2, diskGb: 20 },
  { name: "Large", ramMb: vmSizes.ramMb.max, cpuCores: vmSizes.cpuCores.max, diskGb: vmSizes.diskGb.max },
];

export function isPreset(form: CreateForm, preset: SizePreset): boolean {
  return form.ramMb === preset.ramMb && form.cpuCores === preset.cpuCores && form.diskGb === preset.diskGb;
}

/** The first of `web01`, `web02`, … that is free. */
export function suggestName(taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const name = `web${String(number).padStart(2, "0")}`;
    if (!taken.has(name)) return name;
  }
}

export function startForm(taken: ReadonlySet<string>): CreateForm {
  return {
    name: suggestName(taken),
    image: "",
    ramMb: vmSizes.ramMb.default,
    cpuCores: vmSizes.cpuCores.default,
    diskGb: vmSizes.diskGb.default,
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

/** One message per field at fault; empty when the form may be sent. */
export function checkForm(
  form: CreateForm,
  images: readonly ImageView[],
  taken: ReadonlySet<string>,
): CreateErrors {
  const errors: CreateErrors = {};
  const parsed = vmSpec.safeParse(form);
  for (const issue of parsed.error?.issues ?? []) {
    const field = issue.path[0];
    if (isField(field)) errors[field] ??= issue.message;
  }
  const wrongName = nameError(form.name, taken);
  if (wrongName) errors.name = wrongName;
  const image = images.find(({ id }) => id === form.image);
  if (!image) errors.image = "choose an image";
  else if (!errors.ramMb && form.ramMb < image.minRamMb)
    errors.ramMb = `${image.name} needs at least ${image.minRamMb} MB`;
  return errors;
}

export function isField(name: unknown): name is keyof VmSpec {
  return typeof name === "string" && Object.hasOwn(vmSpec.shape, name);
}

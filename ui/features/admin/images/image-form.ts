/** An image as a form of texts, and back to what the server takes; pure. */
import type { CommandRequest, ImageView } from "#protocol";
import { commands, imageFamily } from "#protocol";

export type ImageFormKind = "registry" | "file" | "edit";

export interface ImageForm {
  imageId: string;
  box: string;
  name: string;
  description: string;
  family: string;
  sshUser: string;
  minRamMb: string;
  minDiskGb: string;
}

export const familyOptions = [
  { value: "debian", label: "Debian" },
  { value: "ubuntu", label: "Ubuntu" },
  { value: "rhel", label: "Red Hat family" },
  { value: "alpine", label: "Alpine" },
  { value: "linux", label: "Other Linux" },
];

export const blankImage = (): ImageForm => ({
  imageId: "",
  box: "",
  name: "",
  description: "",
  family: "linux",
  sshUser: "vagrant",
  minRamMb: "512",
  minDiskGb: "10",
});

export function formOf(image: ImageView): ImageForm {
  const { id, box, name, description, family, sshUser, minRamMb, minDiskGb } = image;
  return {
    ...{ imageId: id, box, name, description, family, sshUser },
    minRamMb: `${minRamMb}`,
    minDiskGb: `${minDiskGb}`,
  };
}

/** A valid id where only the rest is checked, before the file has been sent. */
const NO_UPLOAD_YET = "0".repeat(20);

interface Requests {
  readonly registry: CommandRequest<"image.add">;
  readonly file: CommandRequest<"image.import">;
  readonly edit: CommandRequest<"image.update">;
}
export type ImageCheck<K extends ImageFormKind> =
  | { readonly ok: true; readonly input: Requests[K] }
  | { readonly ok: false; readonly errors: Readonly<Record<string, string>> };

/** What is no number stays none, so that the schema refuses it by name. */
function numberOf(text: string): number {
  const trimmed = text.trim();
  return /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : Number.NaN;
}

function valuesOf(form: ImageForm) {
  return {
    imageId: form.imageId.trim(),
    name: form.name.trim(),
    description: form.description.trim(),
    family: imageFamily.safeParse(form.family).data ?? "linux",
    sshUser: form.sshUser.trim(),
    minRamMb: numberOf(form.minRamMb),
    minDiskGb: numberOf(form.minDiskGb),
  };
}

interface Parsed<Input> {
  readonly success: boolean;
  readonly data?: Input | undefined;
  readonly error?:
    | { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] }
    | undefined;
}

function checked<Input>(parsed: Parsed<Input>) {
  if (parsed.data !== undefined) return { ok: true, input: parsed.data } as const;
  const errors = (parsed.error?.issues ?? []).map(
    ({ path, message }) => [path.map(String).join("."), `Must be ${message}`] as const,
  );
  return { ok: false, errors: Object.fromEntries(errors) } as const;
}

/** Checked by the very schemas of the server; the errors name fields as it does. */
export const checkImage = {
  registry: (form: ImageForm): ImageCheck<"registry"> =>
    checked(commands["image.add"].input.safeParse({ ...valuesOf(form), box: form.box.trim() })),
  file: (form: ImageForm, uploadId = NO_UPLOAD_YET): ImageCheck<"file"> =>
    checked(commands["image.import"].input.safeParse({ ...valuesOf(form), uploadId })),
  edit: (form: ImageForm): ImageCheck<"edit"> =>
    checked(commands["image.update"].input.safeParse(valuesOf(form))),
};

/** `Web Server.box` as an id to begin with: `web-server`. */
export function idOfFile(fileName: string): string {
  return fileName
    .toLowerCase()
    .replace(/\.box$/, "")
    .replace(/[^a-z0-9.-]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .replace(/[-.]+$/, "")
    .slice(0, 63);
}

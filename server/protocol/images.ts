/** Images a VM can be made from. */
import { z } from "zod";
import { command } from "./command-spec.ts";
import { flag, line, prose, wholeNumber } from "./fields.ts";
import { jobId } from "./ids.ts";
import { topic } from "./topic-spec.ts";

export const imageId = z
  .string("the id of an image of the catalogue")
  .regex(/^[a-z][a-z0-9.-]{0,62}$/, "the id of an image of the catalogue")
  .meta({ examples: ["lab"] });

/** Where an image comes from: built here from Debian packages, fetched from a box registry, or an imported file. */
export const imageSources = ["build", "registry", "file"] as const;
export const imageSource = z.enum(imageSources);
export type ImageSource = z.infer<typeof imageSource>;

const familyRule = "one of debian, ubuntu, rhel, alpine, linux";
export const imageFamily = z.enum(["debian", "ubuntu", "rhel", "alpine", "linux"], familyRule);

const boxRule = "the name of a Vagrant box, e.g. debian/bookworm64";
export const boxName = z.string(boxRule).regex(/^[A-Za-z0-9][\w.-]{0,63}(\/[\w.-]{1,64})?$/, boxRule);

const sshUserRule = "a login name: 1 to 32 lower-case letters, digits, - and _";
export const sshUser = z.string(sshUserRule).regex(/^[a-z_][a-z0-9_-]{0,31}$/, sshUserRule);

export const imageView = z.object({
  id: imageId,
  name: z.string(),
  description: z.string(),
  family: imageFamily,
  source: imageSource,
  /** The Vagrant box behind it. */
  box: z.string(),
  provider: z.literal("libvirt"),
  sshUser: z.string(),
  minRamMb: z.int(),
  minDiskGb: z.int(),
  /** On the host's disk; null until present. */
  sizeBytes: z.int().nullable(),
  /** `missing` can be built or imported here, `needs_internet` must be fetched, `working` has a job. */
  state: z.enum(["available", "missing", "needs_internet", "working"]),
  /** True when a VM can be made from it now; `hint` says what to do otherwise. */
  available: z.boolean(),
  hint: z.string().nullable(),
  /** Offered to administrators only. */
  hidden: z.boolean(),
  activeJobId: jobId.nullable(),
  vmCount: z.int(),
});
export type ImageView = z.infer<typeof imageView>;

const editable = {
  name: line(1, 64),
  description: prose(500),
  family: imageFamily,
  sshUser,
  minRamMb: wholeNumber(512, 4096, "MB"),
  minDiskGb: wholeNumber(10, 50, "GB"),
};

const uploadRule = "the id that the upload of the file answered with";
export const uploadId = z.string(uploadRule).regex(/^[a-z0-9]{20,40}$/, uploadRule);

const accepted = z.object({ image: imageView, jobId });
const target = z.strictObject({ imageId });

export const imageCommands = {
  "image.list": command({
    summary: "The image catalogue; hidden ones for administrators only",
    access: "user",
    effect: "read",
    input: z.strictObject({}),
    output: z.object({ images: z.array(imageView) }),
    rest: { method: "GET", path: "/api/images" },
  }),
  "image.add": command({
    summary: "Add a box of a registry to the catalogue",
    access: "admin",
    effect: "write",
    input: z.strictObject({
      imageId,
      box: boxName,
      ...editable,
      description: editable.description.default(""),
    }),
    output: z.object({ image: imageView }),
    rest: { method: "POST", path: "/api/admin/images", status: 201 },
  }),
  "image.update": command({
    summary: "Change, hide or show an image",
    access: "admin",
    effect: "write",
    input: z.strictObject({
      imageId,
      name: editable.name.optional(),
      description: editable.description.optional(),
      family: editable.family.optional(),
      sshUser: editable.sshUser.optional(),
      minRamMb: editable.minRamMb.optional(),
      minDiskGb: editable.minDiskGb.optional(),
      hidden: flag.optional(),
    }),
    output: z.object({ image: imageView }),
    rest: { method: "PATCH", path: "/api/admin/images/{imageId}" },
  }),
  "image.prepare": command({
    summary: "Build an image here, or fetch it from its registry",
    access: "admin",
    effect: "write",
    input: target,
    output: accepted,
    rest: { method: "POST", path: "/api/admin/images/{imageId}/prepare", status: 202 },
  }),
  "image.import": command({
    summary: "Make an image of an uploaded .box file (PUT /api/admin/uploads gives its id)",
    access: "admin",
    effect: "write",
    input: z.strictObject({
      imageId,
      uploadId,
      ...editable,
      description: editable.description.default(""),
    }),
    output: accepted,
    rest: { method: "POST", path: "/api/admin/images/import", status: 202 },
  }),
  "image.remove": command({
    summary: "Remove an image and its box; refused while VMs use it",
    access: "admin",
    effect: "write",
    input: target,
    output: z.object({}),
    rest: { method: "DELETE", path: "/api/admin/images/{imageId}" },
  }),
} as const;

export const imageTopics = {
  "image.state": topic({
    summary: "The catalogue as a whole, whenever an image changes; hidden images are left out",
    policy: "latest",
    scope: "everyone",
    snapshot: z.object({ images: z.array(imageView) }),
    event: z.object({ images: z.array(imageView) }),
  }),
} as const;

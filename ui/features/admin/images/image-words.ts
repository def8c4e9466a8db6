/** An image of the catalogue for the eye of an administrator; pure. */
import type { ImageSource, ImageView, JobView } from "#protocol";
import { formatBytes } from "../../../shared/charts/units.ts";
import type { Tone } from "../../../shared/components/tones.ts";
import { isActive } from "../../jobs/job-list.ts";

const looks: Readonly<Record<ImageView["state"], { readonly label: string; readonly tone: Tone }>> = {
  available: { label: "Ready", tone: "success" },
  missing: { label: "Not here yet", tone: "neutral" },
  needs_internet: { label: "Needs internet", tone: "warning" },
  working: { label: "Working", tone: "info" },
};

export const imageStateLook = ({ state }: Pick<ImageView, "state">) => looks[state];

const sources: Readonly<Record<ImageSource, string>> = {
  build: "built here",
  registry: "from a box registry",
  file: "from a file",
};

const countVms = (count: number) => (count === 1 ? "1 VM" : `${count} VMs`);

/** "120 MiB · built here · 2 VMs · from 512 MB memory and 10 GB disk". */
export function imageFacts(image: ImageView): string {
  const facts = [
    image.sizeBytes === null ? null : formatBytes(image.sizeBytes),
    sources[image.source],
    image.vmCount === 0 ? "no VMs" : countVms(image.vmCount),
    `from ${image.minRamMb} MB memory and ${image.minDiskGb} GB disk`,
  ];
  return facts.filter((fact) => fact !== null).join(" · ");
}

/** What makes it usable; null when only an import does. */
export function prepareLabel({ source, available }: Pick<ImageView, "source" | "available">): string | null {
  switch (source) {
    case "build":
      return available ? "Build again" : "Build";
    case "registry":
      return available ? "Fetch again" : "Fetch";
    case "file":
      return null;
    default:
      return source satisfies never;
  }
}

/** Why it cannot be removed now; empty when it can. */
export function removeRefusal({ vmCount, state }: Pick<ImageView, "vmCount" | "state">): string {
  if (state === "working") return "a job works on it";
  return vmCount > 0 ? `${countVms(vmCount)} ${vmCount === 1 ? "uses" : "use"} it` : "";
}

/** The job to show of an image: at work, or its last one if that went wrong. Jobs come newest first. */
export function jobOfImage(image: Pick<ImageView, "id">, jobs: readonly JobView[]): JobView | null {
  const newest = jobs.find(({ imageId }) => imageId === image.id);
  return newest && (isActive(newest) || newest.state === "failed") ? newest : null;
}

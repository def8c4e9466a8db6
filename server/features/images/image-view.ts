/** Pure: one image as people see it. */
import type { ImageView } from "#protocol";
import type { DriverImage } from "../../drivers/vm-driver.ts";
import type { ImageRow } from "./image-repo.ts";

export interface ImageFacts {
  /** The driver's word; undefined when it does not name the image. */
  readonly known: DriverImage | undefined;
  readonly vmCount: number;
  readonly isLeaving: boolean;
}

export function viewOf(row: ImageRow, { known, vmCount, isLeaving }: ImageFacts): ImageView {
  const isAvailable = (known?.available ?? false) && !isLeaving;
  const { id, name, description, family, source, box, sshUser, minRamMb, minDiskGb, hidden } = row;
  return {
    ...{ id, name, description, family, source, box, sshUser, minRamMb, minDiskGb, hidden },
    provider: "libvirt",
    sizeBytes: known?.sizeBytes ?? null,
    state: stateOf(row, isAvailable, isLeaving),
    available: isAvailable,
    hint: isAvailable ? null : hintOf(row, known, isLeaving),
    activeJobId: row.activeJobId,
    vmCount,
  };
}

function stateOf(row: ImageRow, isAvailable: boolean, isLeaving: boolean): ImageView["state"] {
  if (row.activeJobId !== null || isLeaving) return "working";
  if (isAvailable) return "available";
  return row.source === "registry" ? "needs_internet" : "missing";
}

function hintOf(row: ImageRow, known: DriverImage | undefined, isLeaving: boolean): string {
  if (isLeaving) return "It is being removed.";
  if (row.activeJobId !== null) return "A job is preparing it.";
  return known ? (known.hint ?? sourceHints[row.source]) : "The driver in use cannot boot it.";
}

const sourceHints = {
  build: "An administrator can build it.",
  registry: "An administrator can fetch it, which needs the internet.",
  file: "Its box is gone; an administrator can import it again.",
} as const satisfies Record<ImageRow["source"], string>;

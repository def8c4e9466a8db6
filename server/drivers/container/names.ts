/** What a machine and its images are called in the engine. Pure. */
import { userId, vmId, vmName } from "#protocol";
import { z } from "zod";
import type { VmRef } from "../vm-driver.ts";

/** Labels by which our containers are found, and told from everybody else's. */
export const LABEL = { instance: "cloud.twarga.instance", ref: "cloud.twarga.vm" } as const;

export const containerName = (instance: string, { ownerId, name }: Pick<VmRef, "ownerId" | "name">): string =>
  `tw${instance}-user${ownerId}-${name}`;

/** Of a container that is about to take another's place. */
export const nextName = (instance: string, ref: Pick<VmRef, "ownerId" | "name">): string =>
  `${containerName(instance, ref)}.next`;

/** Repository of the images that belong to one VM: its snapshots and what it was made of. */
export const vmRepository = (instance: string, ref: Pick<VmRef, "vmId">): string =>
  `localhost/twarga-${instance}/vm${ref.vmId}`;

export const baseRepository = (image: string): string => `localhost/twarga/${image}`;

const refLabel = z.object({ vmId, ownerId: userId, name: vmName });

export const labelOf = ({ vmId: id, ownerId, name }: VmRef): string =>
  JSON.stringify({ vmId: id, ownerId, name });

/** Null for a label that we did not write. */
export function refOfLabel(text: string | undefined): VmRef | null {
  try {
    return refLabel.parse(JSON.parse(text ?? ""));
  } catch {
    return null;
  }
}

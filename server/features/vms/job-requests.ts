/** What jobs of VMs keep of their request: the input of the command, and what their end needs to know. */
import { snapshotId, vmId, vmSpec } from "#protocol";
import { z } from "zod";

const { ramMb, cpuCores, diskGb } = vmSpec.shape;
const size = z.object({ ramMb, cpuCores, diskGb });

export const cloneRequest = z.object({ vmId, name: vmSpec.shape.name, snapshotId: snapshotId.optional() });

/** The whole new size, and the one to go back to. */
export const resizeRequest = size.extend({ before: size });

export const vmRequest = z.object({ vmId });

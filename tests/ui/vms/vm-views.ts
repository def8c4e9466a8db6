/** Machines as the server would describe them. */
import type { VmView } from "#protocol";
import { vmView } from "#protocol";

export function vm(id: number, over: Partial<Record<keyof VmView, unknown>> = {}): VmView {
  return vmView.parse({
    id,
    ownerId: 1,
    ownerName: "ada",
    name: `vm${id}`,
    label: "",
    notes: "",
    tags: [],
    sshUser: "vagrant",
    snapshots: [],
    leaseEndsAtMs: null,
    schedule: null,
    nextScheduledAtMs: null,
    hasStartupScript: false,
    image: "lab",
    ramMb: 512,
    cpuCores: 1,
    diskGb: 10,
    state: "stopped",
    ip: null,
    driver: "simulated",
    error: null,
    activeJobId: null,
    createdAtMs: id * 1_000,
    startedAtMs: null,
    ...over,
  });
}

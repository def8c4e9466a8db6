/** The images this cloud knows. Which of them can be booted here is the driver's word. */
import type { ImageView } from "#protocol";

export type CatalogueEntry = Omit<ImageView, "available" | "hint">;

export const catalogue: readonly CatalogueEntry[] = [
  {
    id: "lab",
    name: "Twarga Lab",
    description: "A micro Linux that needs no network to install and boots in seconds, for exercises",
    family: "linux",
    source: "build",
    box: "twarga-lab",
    provider: "libvirt",
    sshUser: "vagrant",
    minRamMb: 512,
    minDiskGb: 10,
    sizeBytes: null,
    state: "available",
    hidden: false,
    activeJobId: null,
    vmCount: 0,
  },
];

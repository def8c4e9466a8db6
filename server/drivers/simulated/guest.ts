/** What the inside of a simulated machine can know and do about itself. */
import type { VmCounters } from "../vm-driver.ts";
import type { MachineInfo } from "./machine-folder.ts";

export const GUEST_USER = "twarga";
export const GUEST_HOME = `/home/${GUEST_USER}`;
export const KERNEL = "6.1.0-simulated-amd64";

export interface Guest {
  readonly info: MachineInfo;
  now(): number;
  counters(): VmCounters;
  /** 0 to 1 of all cores. */
  cpuShare(): number;
  /** Process ids of the open shells. */
  shellPids(): readonly number[];
  power(action: "off" | "reboot"): void;
}

export interface GuestOs {
  readonly id: string;
  readonly prettyName: string;
  readonly version: string;
}

/** By the image's family; an image we do not know looks like Debian. */
export function osOf(image: string): GuestOs {
  if (image.startsWith("ubuntu"))
    return { id: "ubuntu", prettyName: "Ubuntu 24.04 LTS (simulated)", version: "24.04" };
  if (image.startsWith("alpine"))
    return { id: "alpine", prettyName: "Alpine Linux 3.20 (simulated)", version: "3.20" };
  if (image.startsWith("lab"))
    return { id: "twarga-lab", prettyName: "Twarga Lab (simulated)", version: "1" };
  return { id: "debian", prettyName: "Debian GNU/Linux 12 (simulated)", version: "12" };
}

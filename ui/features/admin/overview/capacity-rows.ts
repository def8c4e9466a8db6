/** Capacity of the host as rows: what there is, what is promised, what is used; pure. */
import type { Statistics } from "#protocol";
import { formatBytes } from "../../../shared/charts/units.ts";
import type { Tone } from "../../../shared/components/tones.ts";

export interface CapacityRow {
  readonly label: string;
  /** Of what VMs may have, 0 and up: more than 100 is promised twice. */
  readonly percent: number;
  readonly tone: Tone;
  /** "3.5 of 15.6 GiB promised". */
  readonly words: string;
  readonly note: string;
}

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const NEARLY_FULL = 90;

const share = (part: number, whole: number) => (whole > 0 ? (part / whole) * 100 : 0);

function toneOf(percent: number): Tone {
  if (percent > 100) return "danger";
  return percent >= NEARLY_FULL ? "warning" : "info";
}

/** Empty where VMs take nothing from the host, e.g. simulated ones. */
export function capacityRows({ host, used }: Statistics): readonly CapacityRow[] {
  if (host === null) return [];
  const forVms = host.memoryTotalMb - host.memoryReservedMb;
  const memory = share(host.memoryAllocatedMb, forVms);
  const cores = share(host.cpuAllocated, host.cpuCores);
  const disk = share(host.diskTotalGb - host.diskFreeGb, host.diskTotalGb);
  return [
    {
      label: "Memory",
      percent: memory,
      tone: toneOf(memory),
      words: `${formatBytes(host.memoryAllocatedMb * MIB)} of ${formatBytes(forVms * MIB)} given to running VMs`,
      note: `${formatBytes(used.memoryBytes)} used in them, ${formatBytes(host.memoryReservedMb * MIB)} kept for the host`,
    },
    {
      label: "Cores",
      percent: cores,
      // Cores are shared in time: more of them than there are is usual.
      tone: cores > 400 ? "warning" : "info",
      words: `${host.cpuAllocated} virtual on ${host.cpuCores} real cores`,
      note: `${Math.round(used.cpuPercent)} % busy in running VMs`,
    },
    {
      label: "Disk",
      percent: disk,
      tone: toneOf(disk),
      words: `${formatBytes((host.diskTotalGb - host.diskFreeGb) * GIB)} of ${formatBytes(host.diskTotalGb * GIB)} in use`,
      note: `${host.diskAllocatedGb} GB promised to VMs, ${formatBytes(used.diskBytes)} taken by them`,
    },
  ];
}

/** What all VMs together were promised, whether they run or not. */
export function promisedWords({ allocated }: Pick<Statistics, "allocated">): string {
  const { cpuCores, ramMb, diskGb } = allocated;
  if (cpuCores === 0) return "Nothing is promised yet.";
  const cores = cpuCores === 1 ? "1 core" : `${cpuCores} cores`;
  return `Promised to all VMs: ${cores}, ${formatBytes(ramMb * MIB)} of memory, ${diskGb} GB of disk.`;
}

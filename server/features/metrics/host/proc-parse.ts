/** Pure parsers of the Linux /proc files behind one host sample. */

export interface CpuTimes {
  /** Clock ticks since boot. */
  readonly busy: number;
  readonly total: number;
}
export interface CpuCounters {
  readonly all: CpuTimes;
  /** In kernel order; a core that is switched off is missing. */
  readonly cores: readonly CpuTimes[];
}
export interface Memory {
  readonly memoryTotalBytes: number;
  readonly memoryUsedBytes: number;
  readonly swapTotalBytes: number;
  readonly swapUsedBytes: number;
}
/** Bytes since boot. */
export interface Traffic {
  readonly inBytes: number;
  readonly outBytes: number;
}

const KIB = 1024;
/** /proc/diskstats counts in these, whatever the disk's own sectors are. */
const SECTOR_BYTES = 512;
const NO_TRAFFIC: Traffic = { inBytes: 0, outBytes: 0 };

const words = (line: string): string[] => line.trim().split(/\s+/);

/** /proc/stat */
export function parseCpu(text: string): CpuCounters {
  const times: CpuTimes[] = [];
  for (const line of text.split("\n")) {
    // The cpu lines come first; what follows is long and of no use here.
    if (!line.startsWith("cpu")) break;
    times.push(cpuTimes(words(line).slice(1, 9).map(Number)));
  }
  const [all = { busy: 0, total: 0 }, ...cores] = times;
  return { all, cores };
}

function cpuTimes(ticks: number[]): CpuTimes {
  // user nice system idle iowait irq softirq steal; guest time is already part of user.
  const total = ticks.reduce((sum, tick) => sum + tick, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { busy: total - idle, total };
}

/** /proc/meminfo */
export function parseMemory(text: string): Memory {
  const memoryTotalBytes = memoryField(text, "MemTotal");
  const swapTotalBytes = memoryField(text, "SwapTotal");
  return {
    memoryTotalBytes,
    // What programs could still get, which is not the same as what is free.
    memoryUsedBytes: Math.max(0, memoryTotalBytes - memoryField(text, "MemAvailable")),
    swapTotalBytes,
    swapUsedBytes: Math.max(0, swapTotalBytes - memoryField(text, "SwapFree")),
  };
}

function memoryField(text: string, name: string): number {
  const at = text.indexOf(`${name}:`);
  return at < 0 ? 0 : Number.parseInt(text.slice(at + name.length + 1, at + name.length + 32), 10) * KIB;
}

/** Ends of cables whose other end is counted too: bridges, taps and pairs that carry the traffic of VMs and containers. */
const doubled =
  /^(?:lo$|ifb|dummy|veth|vnet|virbr|docker|br-|br\d|cni|flannel|cali|tap|tun|wg|bond|team|vlan)|\./;

/** /proc/net/dev: traffic of the host's own interfaces. */
export function parseNetwork(text: string): Traffic {
  let own = NO_TRAFFIC;
  let others = NO_TRAFFIC;
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    const name = line.slice(0, colon).trim();
    const fields = words(line.slice(colon + 1));
    const traffic = { inBytes: Number(fields[0]), outBytes: Number(fields[8]) };
    if (!doubled.test(name)) own = add(own, traffic);
    else if (name !== "lo") others = add(others, traffic);
  }
  // In a container every interface looks like one end of a pair.
  return own === NO_TRAFFIC ? others : own;
}

const virtualDisk = /^(?:loop|ram|zram|dm-|md|sr|fd|nbd)/;
const partition = /^(?:(?:sd|hd|vd|xvd)[a-z]+|(?:nvme\d+n|mmcblk)\d+p)\d+$/;

/** /proc/diskstats: traffic of whole disks; what lies on top of them would count twice. */
export function parseDisks(text: string): Traffic {
  let disks = NO_TRAFFIC;
  let partitions = NO_TRAFFIC;
  for (const line of text.split("\n")) {
    const fields = words(line);
    const name = fields[2];
    if (!name || virtualDisk.test(name)) continue;
    const traffic = { inBytes: Number(fields[5]) * SECTOR_BYTES, outBytes: Number(fields[9]) * SECTOR_BYTES };
    if (partition.test(name)) partitions = add(partitions, traffic);
    else disks = add(disks, traffic);
  }
  // Some clouds show a partition without its disk.
  return disks === NO_TRAFFIC ? partitions : disks;
}

function add(a: Traffic, b: Traffic): Traffic {
  return { inBytes: a.inBytes + b.inBytes, outBytes: a.outBytes + b.outBytes };
}

/** /proc/loadavg */
export function parseLoad(text: string): { load1: number; load5: number; load15: number } {
  const [load1 = 0, load5 = 0, load15 = 0] = words(text).slice(0, 3).map(Number);
  return { load1, load5, load15 };
}

/** /proc/uptime */
export function parseUptime(text: string): number {
  return Number.parseFloat(text) || 0;
}

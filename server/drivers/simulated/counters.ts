/** Counters of a simulated machine as pure functions of its seed and uptime: smooth, plausible, never falling. */
import type { VmCounters } from "../vm-driver.ts";
import type { MachineInfo } from "./machine-folder.ts";

interface Wave {
  /** Units per second. */
  readonly base: number;
  /** Amplitudes sum to less than `base`, so the rate stays positive and its integral grows. */
  readonly parts: readonly { readonly amplitude: number; readonly periodS: number; readonly phase: number }[];
}

const TAU = 2 * Math.PI;
/** A flicker, a swing and a slow tide; the shares sum to less than 1. */
const PARTS = [
  { share: 0.2, periodS: 11 },
  { share: 0.35, periodS: 67 },
  { share: 0.4, periodS: 420 },
];
const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** A fresh system takes this much of its disk. */
const SYSTEM_BYTES = 1.1 * GIB;
/** Booting costs this many seconds of one core and reads this much. */
const BOOT_CPU_S = 3;
const BOOT_READ_BYTES = 180 * MIB;
const BOOT_SETTLES_S = 8;

/** Numbers in 0..1 that depend on the seed alone (mulberry32). */
function randomsOf(seed: string): () => number {
  let state = Number(Bun.hash(seed) & 0xffff_ffffn);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function waveOf(random: () => number, lowest: number, highest: number): Wave {
  const base = lowest + random() * (highest - lowest);
  const parts = PARTS.map(({ share, periodS }) => ({
    amplitude: base * share,
    periodS: periodS * (0.8 + 0.4 * random()),
    phase: random() * TAU,
  }));
  return { base, parts };
}

function rate({ base, parts }: Wave, seconds: number): number {
  return parts.reduce((sum, p) => sum + p.amplitude * Math.sin((TAU * seconds) / p.periodS + p.phase), base);
}

/** The integral of `rate` from boot on. */
function total({ base, parts }: Wave, seconds: number): number {
  return parts.reduce(
    (sum, { amplitude, periodS, phase }) =>
      sum + ((amplitude * periodS) / TAU) * (Math.cos(phase) - Math.cos((TAU * seconds) / periodS + phase)),
    base * seconds,
  );
}

export function countersAt(info: MachineInfo, nowMs: number): VmCounters {
  const random = randomsOf(`${info.ownerId}/${info.name}`);
  const cpu = waveOf(random, 0.03, 0.3);
  const memory = waveOf(random, 0.2, 0.4);
  const [read, write, rx, tx] = [
    waveOf(random, 4_000, 60_000),
    waveOf(random, 8_000, 90_000),
    waveOf(random, 1_000, 40_000),
    waveOf(random, 1_000, 20_000),
  ];
  const seconds = Math.max(0, (nowMs - info.bootedAtMs) / 1_000);
  const booted = 1 - Math.exp(-seconds / BOOT_SETTLES_S);
  const memoryTotalBytes = info.ramMb * MIB;
  const diskTotalBytes = info.diskGb * GIB;
  return {
    ref: { vmId: info.vmId, ownerId: info.ownerId, name: info.name },
    atMs: nowMs,
    cpuTimeNs: Math.floor((total(cpu, seconds) * info.cpuCores + BOOT_CPU_S * booted) * 1e9),
    cpuCores: info.cpuCores,
    memoryTotalBytes,
    memoryUsedBytes: Math.floor(memoryTotalBytes * (0.1 + booted * rate(memory, seconds))),
    diskTotalBytes,
    diskUsedBytes: Math.floor(Math.min(SYSTEM_BYTES + total(write, seconds) / 50, diskTotalBytes * 0.9)),
    diskReadBytes: Math.floor(total(read, seconds) + BOOT_READ_BYTES * booted),
    diskWriteBytes: Math.floor(total(write, seconds)),
    networkRxBytes: Math.floor(total(rx, seconds)),
    networkTxBytes: Math.floor(total(tx, seconds)),
    uptimeSeconds: Math.floor(seconds),
  };
}

/** CPU use now, 0 to 1 of all cores; what `top` and `uptime` show agrees with the charts. */
export function cpuShareAt(info: MachineInfo, nowMs: number): number {
  const later = countersAt(info, nowMs);
  const before = countersAt(info, nowMs - 2_000);
  return Math.min(1, Math.max(0, (later.cpuTimeNs - before.cpuTimeNs) / (2e9 * info.cpuCores)));
}

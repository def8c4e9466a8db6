/**
 * CPU of one host sample against a bare read and split of the same files, as a ratio in one run.
 * `bun bench/sampler.ts`; the bare loop is the floor any sampler on this runtime stands on.
 */
import { closeSync, openSync, readSync, statfsSync } from "node:fs";
import { createLinuxMetrics } from "../server/features/metrics/host/linux-proc.ts";

const FILES = ["stat", "meminfo", "self/net/dev", "diskstats", "loadavg", "uptime"];
const SAMPLES = 2_000;
/** Ours and the floor take turns, so that a busy machine slows both. */
const ROUNDS = 7;

export interface SamplerResult {
  readonly oursUs: number;
  readonly bareUs: number;
  readonly ratio: number;
}

/** User and system time of this process for one call, in microseconds. */
function cpuUsPerCall(call: () => unknown): number {
  const start = process.cpuUsage();
  for (let i = 0; i < SAMPLES; i++) call();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / SAMPLES;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Reads every file through an open descriptor and turns each line into numbers, and nothing else. */
function bareSampler(home: string) {
  const fds = FILES.map((file) => openSync(`/proc/${file}`, "r"));
  const buffer = Buffer.allocUnsafe(64 * 1024);
  return {
    sample() {
      let sum = statfsSync(home).blocks;
      for (const fd of fds) {
        const text = buffer.toString("latin1", 0, readSync(fd, buffer, 0, buffer.length, 0));
        for (const line of text.split("\n")) for (const word of line.split(" ")) sum += Number(word) || 0;
      }
      return sum;
    },
    close: () => fds.forEach((fd) => closeSync(fd)),
  };
}

export function benchSampler(home = "/"): SamplerResult {
  const ours = createLinuxMetrics(home);
  const bare = bareSampler(home);
  const times = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    times.ours.push(cpuUsPerCall(() => ours.sample(round)));
    times.bare.push(cpuUsPerCall(() => bare.sample()));
  }
  void ours.dispose();
  bare.close();
  // The first round warms up both.
  const oursUs = median(times.ours.slice(1));
  const bareUs = median(times.bare.slice(1));
  return { oursUs, bareUs, ratio: oursUs / bareUs };
}

if (import.meta.main) {
  const { oursUs, bareUs, ratio } = benchSampler();
  console.log(
    `host sample ${oursUs.toFixed(0)} us, bare read and split ${bareUs.toFixed(0)} us, ratio ${ratio.toFixed(2)}`,
  );
}

/** `npm run bench`: every part of this folder in turn, each as ratios taken in one run, and whether they reach their goals. */
import { benchAdmin } from "./admin.ts";
import { benchCommands } from "./commands.ts";
import { benchCredits } from "./credits.ts";
import { benchFanout } from "./fanout.ts";
import { benchIdle, type IdleResult } from "./idle.ts";
import { benchSampler } from "./sampler.ts";
import { benchTerminal, type Throughput } from "./terminal.ts";
import { benchVmBoot } from "./vm-boot.ts";

interface Line {
  readonly what: string;
  readonly ours: string;
  readonly floor: string;
  readonly ratio: number;
  /** `min`: the ratio must reach the goal; `max`: it must stay below; absent: no goal is set. */
  readonly goal?: { readonly kind: "min" | "max"; readonly value: number };
}

async function terminalLines(): Promise<Line[]> {
  const { product, bare, peer, ctrlCMs, pageQueueBytes } = await benchTerminal();
  const speed = (mbPerS: number) => `${mbPerS.toFixed(1)} MB/s`;
  const cpu = (seconds: number) => `${seconds.toFixed(1)} CPU s/GB`;
  if (product.lostBytes !== 0) console.error(`The terminal lost ${product.lostBytes} bytes`);
  if (!peer) console.error("node-pty: skipped, TWARGA_BENCH_PEERS names no folder with node-pty and ws");
  return [
    {
      what: "terminal flood, against a bare Bun PTY on a socket",
      ours: speed(product.mbPerS),
      floor: speed(bare.mbPerS),
      ratio: product.mbPerS / bare.mbPerS,
      goal: { kind: "min", value: 0.9 },
    },
    ...(peer ? peerLines(product, peer, speed, cpu) : []),
    {
      what: "terminal, Ctrl-C of a flood at 10 MB/s drawing, against 50 ms",
      ours: `${ctrlCMs.toFixed(0)} ms at worst`,
      floor: "50 ms",
      ratio: ctrlCMs / 50,
      goal: { kind: "max", value: 1 },
    },
    {
      what: "terminal, queue of the page meanwhile, against 512 KiB",
      ours: `${Math.round(pageQueueBytes / 1_024)} KiB`,
      floor: "512 KiB",
      ratio: pageQueueBytes / 524_288,
      goal: { kind: "max", value: 1 },
    },
  ];
}

function peerLines(
  ours: Throughput,
  peer: Throughput,
  speed: (mbPerS: number) => string,
  cpu: (seconds: number) => string,
): Line[] {
  return [
    {
      what: "terminal flood, against node-pty and ws",
      ours: speed(ours.mbPerS),
      floor: speed(peer.mbPerS),
      ratio: ours.mbPerS / peer.mbPerS,
      goal: { kind: "min", value: 1 },
    },
    {
      what: "terminal flood, CPU against node-pty and ws",
      ours: cpu(ours.cpuPerGb),
      floor: cpu(peer.cpuPerGb),
      ratio: ours.cpuPerGb / peer.cpuPerGb,
      goal: { kind: "max", value: 0.7 },
    },
  ];
}

function idleLines(driver: string, { rssMb, cpuPercent, vms }: IdleResult): Line[] {
  return [
    {
      what: `idle server, ${driver}, ${vms} VMs, one page: memory, against 120 MB`,
      ours: `${rssMb.toFixed(0)} MB RSS`,
      floor: "120 MB",
      ratio: rssMb / 120,
      goal: { kind: "max", value: 1 },
    },
    {
      what: `idle server, ${driver}, ${vms} VMs, one page: CPU, against 2 % of a core`,
      ours: `${cpuPercent.toFixed(2)} %`,
      floor: "2 %",
      ratio: cpuPercent / 2,
      goal: { kind: "max", value: 1 },
    },
  ];
}

async function creditLines(): Promise<Line[]> {
  const { balance, page } = await benchCredits();
  const us = (value: number) => `${value.toFixed(1)} us CPU`;
  return [
    { what: "balance with a million ledger entries, against a thousand", reading: balance },
    { what: "ledger page with a million entries, against a thousand", reading: page },
  ].map(({ what, reading: { largeUs, smallUs, ratio } }) => ({
    what,
    ours: us(largeUs),
    floor: us(smallUs),
    ratio,
    goal: { kind: "max", value: 2 },
  }));
}

async function vmBootLines(): Promise<Line[]> {
  const result = await benchVmBoot();
  if (!result) return [];
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  return [
    {
      what: "lab VM, create to a typed answer, against vagrant up alone",
      ours: seconds(result.oursMs),
      floor: seconds(result.bareMs),
      ratio: result.ratio,
      goal: { kind: "max", value: 1.5 },
    },
  ];
}

async function adminLines(): Promise<Line[]> {
  const { lines, balanceRatio } = await benchAdmin();
  return [
    ...lines.map(({ what, p99Ms, cpuMs }): Line => ({
      what: `10,000 users, 1,000 VMs, 1,000,000 ledger entries: ${what}, against 50 ms`,
      ours: `p99 ${p99Ms.toFixed(1)} ms, ${cpuMs.toFixed(1)} ms CPU`,
      floor: "50 ms",
      ratio: p99Ms / 50,
      goal: { kind: "max", value: 1 },
    })),
    {
      what: "balance with 1,000,000 ledger entries, against 1,000",
      ours: "CPU",
      floor: "CPU",
      ratio: balanceRatio,
      goal: { kind: "max", value: 2 },
    },
  ];
}

const parts: readonly (() => Promise<Line | readonly Line[]> | Line)[] = [
  async () => {
    const { ours, bare, ratio } = await benchFanout();
    const perSecond = (value: number) => `${Math.round(value / 1_000)} k frames per CPU s`;
    return {
      what: "fan-out in bursts, against bare Bun.serve publish",
      ours: perSecond(ours),
      floor: perSecond(bare),
      ratio,
      goal: { kind: "min", value: 0.8 },
    };
  },
  async () => {
    const { oursUs, bareUs, ratio } = await benchCommands();
    return {
      what: "command and reply, against a bare Bun socket echo",
      ours: `${oursUs.toFixed(1)} us CPU`,
      floor: `${bareUs.toFixed(1)} us CPU`,
      ratio,
      goal: { kind: "max", value: 1.5 },
    };
  },
  () => {
    const { oursUs, bareUs, ratio } = benchSampler();
    return {
      what: "host sample, against a bare read and split of the same files",
      ours: `${oursUs.toFixed(0)} us CPU`,
      floor: `${bareUs.toFixed(0)} us CPU`,
      ratio,
    };
  },
  adminLines,
  creditLines,
  terminalLines,
  ...(["simulated", "vagrant"] as const).map((driver) => async () => {
    const result = await benchIdle(driver);
    return result ? idleLines(driver, result) : [];
  }),
  vmBootLines,
];

function verdict({ ratio, goal }: Line): string {
  if (!goal) return "";
  const isReached = goal.kind === "min" ? ratio >= goal.value : ratio <= goal.value;
  return `${isReached ? "reached" : "MISSED"} (goal ${goal.kind === "min" ? ">=" : "<="} ${goal.value})`;
}

console.log("| What | Ours | Floor | Ratio | Goal |\n| --- | --- | --- | --- | --- |");
for (const part of parts) {
  for (const line of [await part()].flat()) {
    console.log(
      `| ${line.what} | ${line.ours} | ${line.floor} | ${line.ratio.toFixed(2)} | ${verdict(line)} |`,
    );
  }
}
process.exit(0);

/** The idle product: memory and CPU of the real server with one page open, by driver. `bun bench/idle.ts` */
import { readFileSync } from "node:fs";
import type { Client } from "#client";
import { type DriverName, type Product, startProduct } from "./peers/product.ts";
import { waitUntil } from "./peers/wait-until.ts";

const SIMULATED_VMS = 10;
/** Start-up work, the first snapshots and the compiler are over by then. */
const SETTLE_MS = 20_000;
const MEASURED_MS = 30_000;
const VM_DEADLINE_MS = 120_000;
/** `getconf CLK_TCK` on every Linux we run on. */
const TICKS_PER_S = 100;

export interface IdleResult {
  readonly rssMb: number;
  /** Share of one core, in percent. */
  readonly cpuPercent: number;
  readonly vms: number;
}

function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

function rssMb(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1]) / 1_024;
}

async function createVms(client: Client, count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1) {
    const spec = { name: `idle-${n}`, image: "lab", ramMb: 512, cpuCores: 1, diskGb: 10 };
    await client.request("vm.create", spec);
  }
  const isRunning = async () => {
    const { vms } = await client.request("vm.list", {});
    await Bun.sleep(200);
    return vms.filter((vm) => vm.state === "running").length === count;
  };
  await waitUntil(isRunning, VM_DEADLINE_MS, `${count} running VMs`);
}

/** What the dashboard listens to. */
async function openPage(client: Client): Promise<void> {
  let snapshots = 0;
  for (const topic of ["metrics.host", "metrics.vms", "vm.state", "job.state"] as const) {
    client.subscribe(topic, { onSnapshot: () => (snapshots += 1), onEvent() {} });
  }
  await waitUntil(() => snapshots >= 4, 10_000, "the snapshots");
}

/** `vagrant` has no VMs here: booting ten is another measure. Null where that driver cannot run. */
export async function benchIdle(driver: DriverName): Promise<IdleResult | null> {
  let product: Product;
  try {
    product = await startProduct(driver);
  } catch (error) {
    console.error(`idle, ${driver}: skipped: ${error instanceof Error ? error.message.trim() : error}`);
    return null;
  }
  const { client, pid } = product;
  try {
    const vms = driver === "simulated" ? SIMULATED_VMS : 0;
    await createVms(client, vms);
    await openPage(client);
    await Bun.sleep(SETTLE_MS);
    const before = cpuSeconds(pid);
    await Bun.sleep(MEASURED_MS);
    const cpuPercent = ((cpuSeconds(pid) - before) / MEASURED_MS) * 100_000;
    return { rssMb: rssMb(pid), cpuPercent, vms };
  } finally {
    await product.stop();
  }
}

if (import.meta.main) {
  for (const driver of ["simulated", "vagrant"] as const) {
    const result = await benchIdle(driver);
    if (result)
      console.log(
        `idle, ${driver}, ${result.vms} VMs, one page: ${result.rssMb.toFixed(0)} MB RSS, ${result.cpuPercent.toFixed(2)} % of a core`,
      );
  }
  process.exit(0);
}

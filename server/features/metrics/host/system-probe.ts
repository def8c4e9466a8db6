/**
 * A program of its own: asks systeminformation, which forks and blocks, so that the server never does.
 * `inventory` prints one line and ends; `samples HOME` prints a sample a second until its input closes.
 */
import os from "node:os";
import si from "systeminformation";
import type { HostInventory, HostSample } from "#protocol";

const MEGABIT_UNKNOWN = -1;

async function inventory(): Promise<HostInventory> {
  const [system, cpu, host, disks, found] = await Promise.all([
    si.osInfo(),
    si.cpu(),
    si.system(),
    si.fsSize(),
    si.networkInterfaces(),
  ]);
  return {
    hostname: system.hostname,
    os: `${system.distro} ${system.release}`.trim(),
    kernel: system.kernel,
    cpuModel: `${cpu.manufacturer} ${cpu.brand}`.trim(),
    cpuCores: cpu.cores,
    virtualization: host.virtual ? host.virtualHost || host.model || "virtual machine" : "none detected",
    disks: disks.map(({ mount, type, size, used }) => ({ mount, type, totalBytes: size, usedBytes: used })),
    interfaces: [found].flat().map(({ iface, ip4, ip6, speed }) => ({
      name: iface,
      address: ip4 || ip6,
      speedMbit: speed === null || speed === MEGABIT_UNKNOWN ? null : speed,
    })),
  };
}

function sum(values: readonly (number | null)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}

async function sample(home: string): Promise<HostSample> {
  const [cpu, memory, disks, transfer, networks] = await Promise.all([
    si.currentLoad(),
    si.mem(),
    si.fsSize(),
    si.fsStats(),
    si.networkStats(),
  ]);
  const [load1 = 0, load5 = 0, load15 = 0] = os.loadavg();
  // The longest mount point that `home` lies under.
  const disk = disks
    .filter(({ mount }) => home.startsWith(mount))
    .sort((a, b) => b.mount.length - a.mount.length)[0];
  return {
    atMs: Date.now(),
    cpuPercent: cpu.currentLoad,
    corePercent: cpu.cpus.map(({ load }) => load),
    load1,
    load5,
    load15,
    memoryTotalBytes: memory.total,
    memoryUsedBytes: memory.total - memory.available,
    swapTotalBytes: memory.swaptotal,
    swapUsedBytes: memory.swapused,
    diskTotalBytes: disk?.size ?? 0,
    diskUsedBytes: disk?.used ?? 0,
    // Null on platforms without such counters, and in the first second.
    diskReadBytesPerS: transfer?.rx_sec ?? 0,
    diskWriteBytesPerS: transfer?.wx_sec ?? 0,
    networkRxBytesPerS: sum(networks.map(({ rx_sec }) => rx_sec)),
    networkTxBytesPerS: sum(networks.map(({ tx_sec }) => tx_sec)),
    uptimeSeconds: os.uptime(),
  };
}

async function printSamples(home: string): Promise<never> {
  // Ends with the server, even when the server is killed.
  process.stdin.on("end", () => process.exit(0)).resume();
  for (;;) {
    const dueMs = Date.now() + 1_000;
    console.log(JSON.stringify(await sample(home)));
    await Bun.sleep(Math.max(0, dueMs - Date.now()));
  }
}

const [mode, home = "/"] = Bun.argv.slice(2);
if (mode === "samples") await printSamples(home);
else console.log(JSON.stringify(await inventory()));

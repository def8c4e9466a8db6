/** Looks for what a VM may have left behind on this host. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

function virsh(...args: string[]): string {
  return Bun.spawnSync(["virsh", "-c", "qemu:///system", ...args], { timeout: 15_000 }).stdout.toString();
}

/** Folders, domains and volumes whose name holds `name`. */
export function tracesOf(name: string, home: string, driver: "simulated" | "vagrant"): string[] {
  const vms = join(home, "vms");
  const folders = existsSync(vms) ? readdirSync(vms).filter((entry) => entry.includes(name)) : [];
  if (driver === "simulated") return folders;
  const domains = virsh("list", "--all", "--name").split("\n");
  const volumes = virsh("vol-list", "default").split("\n");
  return [...folders, ...[...domains, ...volumes].filter((line) => line.includes(name))];
}

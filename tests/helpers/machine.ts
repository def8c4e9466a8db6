/** What this machine offers to the tests, and why a suite is skipped when it does not. */
import { join } from "node:path";
import { whyNoPodman } from "../../server/drivers/container/service.ts";

function answers(command: readonly string[]): boolean {
  try {
    return Bun.spawnSync([...command], { stdin: "ignore", timeout: 5_000 }).exitCode === 0;
  } catch {
    return false;
  }
}

function findVagrantProblem(): string | null {
  if (!Bun.which("vagrant")) return "no Vagrant: not installed";
  if (!Bun.which("virsh")) return "no Vagrant: libvirt is not installed";
  if (!answers(["virsh", "-c", "qemu:///system", "list"]))
    return "no Vagrant: libvirt does not answer this user (group libvirt)";
  return null;
}

/** Null when real machines can be booted here, else why not. */
export const noVagrant: string | null = findVagrantProblem();

function findContainerProblem(): string | null {
  const why = whyNoPodman();
  if (why !== null) return `no containers: ${why}`;
  const build = Bun.spawnSync(["sh", join(import.meta.dir, "../../vms/container/build.sh")], {
    timeout: 60_000,
  });
  return build.exitCode === 0 ? null : `no containers: ${build.stderr.toString().trim()}`;
}

/** Null when machines can be containers here, else why not. */
export const noContainers: string | null = findContainerProblem();

/** What this machine offers to the tests, and why a suite is skipped when it does not. */

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

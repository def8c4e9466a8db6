/** What this machine offers to the tests, and why a suite is skipped when it does not. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { podmanArgv, whyNoPodman } from "../../server/drivers/container/service.ts";

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

/** Runs one, with the store and the engine's options of the product: not every machine that has Podman lets it work. */
function runsContainers(archive: string): string | null {
  const home = mkdtempSync(join(tmpdir(), "twarga-podman-"));
  const podman = (...argv: string[]) =>
    Bun.spawnSync([...podmanArgv(home, join(home, "run")), ...argv], { cwd: home, timeout: 60_000 });
  const limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"];
  try {
    const imported = podman("import", archive, "localhost/probe:1");
    const ran =
      imported.exitCode === 0 ? podman("run", "--rm", ...limits, "localhost/probe:1", "true") : imported;
    return ran.exitCode === 0
      ? null
      : (ran.stderr.toString().trim().split("\n").at(-1) ?? "Podman does not work");
  } finally {
    Bun.spawnSync(["umount", join(home, ".containers/root/overlay")]);
    rmSync(home, { recursive: true, force: true });
  }
}

function findContainerProblem(): string | null {
  const why = whyNoPodman();
  if (why !== null) return `no containers: ${why}`;
  const folder = join(import.meta.dir, "../../vms/container");
  const build = Bun.spawnSync(["sh", join(folder, "build.sh")], { timeout: 60_000 });
  if (build.exitCode !== 0) return `no containers: ${build.stderr.toString().trim()}`;
  const problem = runsContainers(join(folder, "out/lab.tar"));
  return problem === null ? null : `no containers: ${problem}`;
}

let containerProblem: string | null | undefined;

/** Null when machines can be containers here, else why not. Starts one to find out, so only who needs it asks. */
export function noContainers(): string | null {
  containerProblem ??= findContainerProblem();
  return containerProblem;
}

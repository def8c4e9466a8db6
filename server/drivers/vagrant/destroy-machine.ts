/** Takes a VM away: by Vagrant where it can, and by libvirt and the file system whatever Vagrant thinks. */
import { rm } from "node:fs/promises";
import { AppError } from "../../core/errors.ts";
import type { DriverRun, VmRef } from "../vm-driver.ts";
import { reportsOf, withDeadline } from "../deadline.ts";
import type { RemovalOptions } from "./domains.ts";
import { type Host, type Located, locate } from "./host.ts";
import { endLeftoverWorker } from "./leftover-worker.ts";
import { folderExists, machinePaths } from "./machine-folder.ts";
import { runVagrant } from "./run-vagrant.ts";

const DESTROY_DEADLINE = { ms: 120_000, message: "The VM could not be destroyed within 2 minutes" };
/** Vagrant takes 3 s; when it hangs, libvirt is asked directly. */
const VAGRANT_DEADLINE = { ms: 45_000, message: "Vagrant did not destroy the VM in time" };

export function destroyMachine(host: Host, ref: VmRef, run: DriverRun): Promise<void> {
  const place = locate(host, ref);
  return host.turns.ofMachine(place.domain, run, () =>
    withDeadline(run, host.clock, DESTROY_DEADLINE, async (timed) => {
      host.closeTerminals(place.domain);
      const wasAtWork = await endLeftoverWorker(place.folder, host.clock);
      const owner = await host.domains.ownership(place.domain);
      if (owner === "ours" && (await isKnownToVagrant(place))) {
        timed.step("Destroying the machine", 0.1);
        await tryVagrant(host, place, timed);
      }
      timed.step("Checking that nothing is left", 0.8);
      // Not cancelled any more: half destroyed is worse than destroyed.
      await destroyLeftovers(host, place, { mayAppear: wasAtWork });
      timed.step("Destroyed", 1);
    }),
  );
}

/** A copy was made by libvirt alone: Vagrant would take its domain for somebody else's. */
async function isKnownToVagrant({ folder, ref }: Located): Promise<boolean> {
  const { data, vagrantId } = machinePaths(folder);
  const files = [data, vagrantId(ref.name)].map((path) => Bun.file(path).exists());
  return (await Promise.all(files)).every((exists) => exists);
}

async function tryVagrant(host: Host, { folder, domain }: Located, run: DriverRun): Promise<void> {
  try {
    await withDeadline(run, host.clock, VAGRANT_DEADLINE, (timed) =>
      runVagrant(host.place, folder, ["destroy", "--force"], timed),
    );
  } catch (error) {
    if (run.signal.aborted) throw error;
    host.log.warn({ err: error, domain }, "vagrant could not destroy the machine, libvirt is asked directly");
    const text = error instanceof AppError ? (error.detail ?? error.message) : String(error);
    reportsOf(run).output("error", text);
  }
}

/** Without Vagrant: ends a run that is still at work on it, removes domain and disk, then the folder. */
export async function destroyLeftovers(
  host: Host,
  { folder, domain }: Located,
  options: RemovalOptions,
): Promise<void> {
  const wasAtWork = await endLeftoverWorker(folder, host.clock);
  const mayAppear = options.mayAppear || wasAtWork;
  // Somebody else's domain of that name is none of our business, nor is its disk.
  if ((await host.domains.ownership(domain)) !== "foreign") await host.domains.remove(domain, { mayAppear });
  // Last: while it exists, the next start still knows that something was here.
  if (await folderExists(folder)) await rm(folder, { recursive: true, force: true });
}

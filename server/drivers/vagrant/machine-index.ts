/** Vagrant's list of machines under our Vagrant home; a killed run leaves entries that nobody else would remove. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const machineIndex = z.looseObject({
  machines: z.record(z.string(), z.looseObject({ vagrantfile_path: z.string() })),
});

/** Called before any Vagrant of ours runs, so no lock is needed. What cannot be read is left to Vagrant. */
export function pruneMachineIndex(vagrantHome: string): void {
  const path = join(vagrantHome, "data", "machine-index", "index");
  try {
    const index = machineIndex.parse(JSON.parse(readFileSync(path, "utf8")));
    const kept = Object.entries(index.machines).filter(([, machine]) => existsSync(machine.vagrantfile_path));
    if (kept.length === Object.keys(index.machines).length) return;
    writeFileSync(`${path}.new`, JSON.stringify({ ...index, machines: Object.fromEntries(kept) }));
    renameSync(`${path}.new`, path);
  } catch {
    // No index yet, or one of a Vagrant we do not know: entries without a machine do no harm.
  }
}

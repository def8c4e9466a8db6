/** Makes a simulated machine, with an empty or a copied disk, and runs its start-up script; a failure leaves nothing. */
import { createStartupOutput } from "../startup-script.ts";
import type { CreatedVm, DriverRun, StartupResult, VmMachine } from "../vm-driver.ts";
import { pass, type Pace, type Step, walk } from "./life-cycle.ts";
import type { Machine } from "./machine.ts";
import { simulatedFolders } from "./machine-folder.ts";
import type { MachineTable } from "./machine-table.ts";

export interface MakingDeps {
  readonly table: MachineTable;
  readonly vmsDir: string;
  readonly pace: Pace;
}

export async function makeMachine(
  { table, vmsDir, pace }: MakingDeps,
  machine: VmMachine,
  run: DriverRun,
  path: readonly Step[],
  disk: string | null,
): Promise<CreatedVm> {
  const { vmId, ownerId, name, ramMb, cpuCores, diskGb, image, sshKeys, startupScript } = machine;
  const made = table.add({
    ...{ vmId, ownerId, name, ramMb, cpuCores, diskGb, image: image.id, driver: "simulated" },
    ...{ state: "creating", bootedAtMs: 0 },
  });
  try {
    await pass(0, run.signal, pace);
    simulatedFolders(vmsDir).save(made.info);
    made.replaceDisk(disk);
    await walk(path, run, pace, { from: 0, to: startupScript === null ? 1 : 0.8 });
    made.boot();
    if (sshKeys.length > 0 || disk !== null) await made.setSshKeys(sshKeys);
    const startup = startupScript === null ? null : await startUp(made, startupScript, run);
    return { ip: made.info.ip, startup };
  } catch (error) {
    table.forget(machine);
    throw error;
  }
}

async function startUp(machine: Machine, script: string, run: DriverRun): Promise<StartupResult> {
  run.step("Running the start-up script", 0.85);
  const output = createStartupOutput(run);
  const exitCode = await machine.runScript(script, output, run.signal);
  return { exitCode, output: output.text() };
}

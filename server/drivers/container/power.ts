/** Start, stop, restart. */
import { AppError } from "../../core/errors.ts";
import type { DriverRun, VmRef } from "../vm-driver.ts";
import { addressOf, needContainer, needInfo } from "./containers.ts";
import type { EngineHost } from "./engine-host.ts";
import { bootMachine } from "./make-machine.ts";
import { containerName } from "./names.ts";

/** A container that ignores SIGTERM is killed after this. */
const STOP_GRACE_S = 10;

export async function startMachine(
  host: EngineHost,
  ref: VmRef,
  run: DriverRun,
): Promise<{ ip: string | null }> {
  const info = needInfo(host, ref);
  const found = await needContainer(host, ref);
  if (found.State.Running) return { ip: addressOf(found) };
  const ip = await bootMachine(host, info, run);
  run.step("The machine is running", 1);
  return { ip };
}

export async function stopMachine(host: EngineHost, ref: VmRef, run: DriverRun): Promise<void> {
  needInfo(host, ref);
  const found = await needContainer(host, ref);
  if (!found.State.Running) return;
  run.step("Stopping", 0.3);
  await host.api.call({
    method: "POST",
    path: `/containers/${containerName(host.instance, ref)}/stop`,
    query: { t: STOP_GRACE_S },
    run,
  });
  if ((await needContainer(host, ref)).State.Running)
    throw new AppError("driver_failed", "The machine still runs after it was killed");
  run.step("The machine is off", 1);
}

export async function restartMachine(
  host: EngineHost,
  ref: VmRef,
  run: DriverRun,
): Promise<{ ip: string | null }> {
  await stopMachine(host, ref, { ...run, step: (text, share) => run.step(text, share * 0.4) });
  return startMachine(host, ref, { ...run, step: (text, share) => run.step(text, 0.4 + share * 0.6) });
}

/** Switches an existing VM on and off. By libvirt itself: Vagrant adds seconds of Ruby and nothing else. */
import { AppError } from "../../core/errors.ts";
import type { DriverRun, VmRef } from "../vm-driver.ts";
import { pause, withDeadline } from "../deadline.ts";
import { type Host, type Located, locate } from "./host.ts";
import { loginOf } from "./machine-folder.ts";
import { reportedVirsh } from "./reported-virsh.ts";
import { untilReachable } from "./ssh.ts";

const START_DEADLINE = { ms: 180_000, message: "The VM did not answer by SSH within 3 minutes" };
const STOP_DEADLINE = { ms: 90_000, message: "The VM could not be stopped within 90 seconds" };
const RESTART_DEADLINE = { ms: 240_000, message: "The VM did not come back within 4 minutes" };
/** A guest that has not gone down by itself until then is cut off. */
const GRACE_MS = 30_000;
/** A guest in mid-boot misses the first press of its power button. */
const PRESS_AGAIN_MS = 5_000;
const LOOK_EVERY_MS = 200;

export function startMachine(host: Host, ref: VmRef, run: DriverRun): Promise<{ ip: string }> {
  const place = locate(host, ref);
  return host.turns.ofMachine(place.domain, run, () =>
    host.turns.ofHost(run, () =>
      withDeadline(run, host.clock, START_DEADLINE, (timed) => switchOn(host, place, timed, 0.1)),
    ),
  );
}

export function stopMachine(host: Host, ref: VmRef, run: DriverRun): Promise<void> {
  const place = locate(host, ref);
  return host.turns.ofMachine(place.domain, run, () =>
    withDeadline(run, host.clock, STOP_DEADLINE, async (timed) => {
      await switchOff(host, place, timed, 0.1);
      timed.step("Stopped", 1);
    }),
  );
}

export function restartMachine(host: Host, ref: VmRef, run: DriverRun): Promise<{ ip: string }> {
  const place = locate(host, ref);
  return host.turns.ofMachine(place.domain, run, () =>
    host.turns.ofHost(run, () =>
      withDeadline(run, host.clock, RESTART_DEADLINE, async (timed) => {
        await switchOff(host, place, timed, 0.05);
        return switchOn(host, place, timed, 0.3);
      }),
    ),
  );
}

export async function ownState(host: Host, { domain }: Located) {
  const owner = await host.domains.ownership(domain);
  if (owner !== "ours") throw new AppError("conflict", "The machine does not exist on the host any more");
  return host.domains.state(domain);
}

async function switchOn(
  host: Host,
  place: Located,
  run: DriverRun,
  progress: number,
): Promise<{ ip: string }> {
  const { domain, folder } = place;
  const virsh = reportedVirsh(host, run);
  const state = await ownState(host, place);
  run.step("Switching it on", progress);
  if (state === "paused") await virsh.run("resume", domain);
  else if (state !== "running") await virsh.run("start", domain);
  run.output("info", `Domain ${domain} is on`);
  try {
    run.step("Booting, waiting for SSH", progress + 0.2);
    const user = await loginOf(folder);
    const findIp = () => host.domains.ip(domain);
    const ip = await untilReachable(findIp, { folder, domain, user }, "pinned", {
      clock: host.clock,
      signal: run.signal,
    });
    run.output("info", `It answers by SSH at ${ip}`);
    run.step("Ready", 1);
    return { ip };
  } catch (error) {
    // A start that failed leaves a stopped machine, not one that nobody can reach.
    if (state !== "running") await virsh.ask("destroy", domain);
    throw error;
  }
}

async function switchOff(host: Host, place: Located, run: DriverRun, progress: number): Promise<void> {
  const { domain } = place;
  const virsh = reportedVirsh(host, run);
  const first = await ownState(host, place);
  if (first === "stopped" || first === "crashed") return;
  run.step("Shutting it down", progress);
  const startedAt = host.clock.now();
  // A paused guest does not hear its power button.
  if (first === "paused") await virsh.ask("resume", domain);
  let presses = 0;
  for (;;) {
    const waitedMs = host.clock.now() - startedAt;
    if (waitedMs >= GRACE_MS) break;
    if (waitedMs >= presses * PRESS_AGAIN_MS) {
      presses++;
      await virsh.ask("shutdown", domain, "--mode", "acpi");
    }
    if (await isOff(host, domain)) return host.closeTerminals(domain);
    await pause(host.clock, LOOK_EVERY_MS, run.signal);
  }
  run.output("error", "The guest did not go down by itself: switching it off");
  run.step("Switching it off", progress + 0.1);
  await virsh.ask("destroy", domain);
  if (!(await isOff(host, domain)))
    throw new AppError("driver_failed", "The machine could not be switched off", { detail: domain });
  host.closeTerminals(domain);
}

async function isOff(host: Host, domain: string): Promise<boolean> {
  const state = await host.domains.state(domain);
  return state === "stopped" || state === "crashed" || state === "absent";
}

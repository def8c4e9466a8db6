/** Replaces the owner's keys in a running VM. */
import { AppError } from "../../core/errors.ts";
import { withDeadline } from "../deadline.ts";
import type { DriverRun, VmRef } from "../vm-driver.ts";
import { writeKeys } from "./guest-commands.ts";
import { type Host, locate } from "./host.ts";
import { loginOf } from "./machine-folder.ts";
import { ownState } from "./power-machine.ts";

const KEYS_DEADLINE = { ms: 30_000, message: "The VM did not take the keys within 30 seconds" };

/** Nobody watches: the keys are no job of their own. */
const unwatched = (): DriverRun => ({
  signal: new AbortController().signal,
  output() {},
  step() {},
  program: () => () => {},
});

export async function setSshKeys(host: Host, ref: VmRef, keys: readonly string[]): Promise<void> {
  const place = locate(host, ref);
  const { domain, folder } = place;
  const run = unwatched();
  return host.turns.ofMachine(domain, run, () =>
    withDeadline(run, host.clock, KEYS_DEADLINE, async (timed) => {
      const state = await ownState(host, place);
      const ip = state === "running" ? await host.domains.ip(domain) : null;
      if (ip === null) throw new AppError("conflict", "The VM is not running, or has no address yet");
      await writeKeys({ folder, domain, ip, user: await loginOf(folder) }, keys, timed);
    }),
  );
}

/** `metrics.host` and `metrics.vm`: the newest sample and the last ten minutes. */
import type { HostInventory, HostSample, VmId, VmSample } from "#protocol";
import type { Session } from "../../core/caller.ts";
import { defineCommand } from "../../core/command.ts";

export interface MetricsCommandDeps {
  hostHistory(): HostSample[];
  inventory(): HostInventory | null;
  /** Throws `not_found` when the VM is not the caller's. */
  vmHistory(session: Session, vmId: VmId): VmSample[];
}

export const hostNow = defineCommand("metrics.host", (_input, _caller, deps: MetricsCommandDeps) => {
  const history = deps.hostHistory();
  return { current: history.at(-1) ?? null, history, inventory: deps.inventory() };
});

export const vmNow = defineCommand("metrics.vm", ({ vmId }, { session }, deps: MetricsCommandDeps) => {
  const history = deps.vmHistory(session, vmId);
  return { current: history.at(-1) ?? null, history };
});

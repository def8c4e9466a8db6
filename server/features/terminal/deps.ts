/** What the terminal feature needs from the others. */
import type { VmId, VmState } from "#protocol";
import type { Bus } from "../../core/bus.ts";
import type { Session } from "../../core/caller.ts";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { VmDriver, VmRef } from "../../drivers/vm-driver.ts";

export interface TerminalDeps {
  readonly driver: Pick<VmDriver, "openTerminal">;
  /** Throws `AppError("not_found")` when there is no such VM for this session. */
  readonly findVm: (session: Session, vmId: VmId) => { readonly ref: VmRef; readonly state: VmState };
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

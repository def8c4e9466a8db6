/** What the commands of VMs share. */
import type { JobView, VmId } from "#protocol";
import type { Session } from "../../core/caller.ts";
import type { EventLog } from "../../core/event-log.ts";
import type { VmCaller, VmDeps } from "./deps.ts";
import type { Orphans } from "./orphans.ts";
import type { KeyDelivery } from "./ssh-keys/key-delivery.ts";
import type { VmActions } from "./vm-actions.ts";
import type { VmEvents } from "./vm-events.ts";
import type { VmMaking } from "./vm-making.ts";
import type { VmParts } from "./vm-parts.ts";
import type { VmRow } from "./vm-row.ts";

export interface VmCommandDeps extends Omit<VmDeps, "events">, Omit<VmParts, "events"> {
  readonly told: VmEvents;
  readonly eventLog: EventLog;
  readonly actions: VmActions;
  readonly making: VmMaking;
  readonly orphans: Orphans;
  readonly delivery: KeyDelivery;
  /** Like `VmLookup.find`, as a row. */
  rowFor(session: Session, vmId: VmId): VmRow;
  /** The job that the request with this Idempotency-Key has made before a crash, if it came that far. */
  earlier(caller: VmCaller): JobView | undefined;
}

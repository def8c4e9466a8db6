/** What other features ask of VMs. Implemented by features/vms. */
import type { JobId, UserId, VmAction, VmId, VmView } from "#protocol";
import type { JobActor } from "./jobs.ts";

export interface VmAdmin {
  /** As if the owner had asked; `actor` null is the server itself. Throws what the command throws. */
  act(vmId: VmId, action: VmAction, actor: JobActor | null): JobId;
  /** VMs of a user that are not destroyed, oldest first. */
  ownedBy(ownerId: UserId): readonly VmView[];
  /** All VMs that run or start. */
  running(): readonly VmView[];
  /** Hands all VMs of a user to another; jobs at work go on. Throws `quota_exceeded` or `conflict` (names). */
  transfer(from: UserId, to: UserId): void;
}

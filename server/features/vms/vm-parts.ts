/** The parts that everything else of this feature is built on. */
import type { SnapshotRepo } from "./snapshot-repo.ts";
import type { SshKeyRepo } from "./ssh-keys/ssh-key-repo.ts";
import type { VmEvents } from "./vm-events.ts";
import type { VmRepo } from "./vm-repo.ts";
import type { VmViews } from "./vm-views.ts";

export interface VmParts {
  readonly repo: VmRepo;
  readonly snapshots: SnapshotRepo;
  readonly keys: SshKeyRepo;
  readonly views: VmViews;
  readonly events: VmEvents;
}

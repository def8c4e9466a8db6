/** Plugs the parts of the VM feature together, each with no more than it needs. */
import type { DisposableStack } from "../../core/disposable.ts";
import type { VmDeps } from "./deps.ts";
import { createHostFacts } from "./host-facts.ts";
import { JobEnds } from "./job-ends.ts";
import { Orphans } from "./orphans.ts";
import { SnapshotRepo } from "./snapshot-repo.ts";
import { KeyDelivery } from "./ssh-keys/key-delivery.ts";
import { SshKeyRepo } from "./ssh-keys/ssh-key-repo.ts";
import { VmActions } from "./vm-actions.ts";
import { createVmEvents } from "./vm-events.ts";
import { VmMaking } from "./vm-making.ts";
import { VmRepo } from "./vm-repo.ts";
import { VmViews } from "./vm-views.ts";
import { createVmWatch } from "./vm-watch.ts";
import { VmWork } from "./vm-work.ts";
import type { VmParts } from "./vm-parts.ts";

export function assemble(deps: VmDeps, owned: DisposableStack) {
  const repo = new VmRepo(deps.db, deps.jobs, deps.billing);
  const snapshots = new SnapshotRepo(deps.db);
  const keys = new SshKeyRepo(deps.db);
  const views = new VmViews(deps, snapshots);
  const events = createVmEvents(deps.bus, repo, views);
  const parts: VmParts = { repo, snapshots, keys, views, events };

  const facts = createHostFacts(deps);
  const watch = owned.use(createVmWatch({ ...deps, eventLog: deps.events }, { repo, events, facts }));
  const ends = new JobEnds({ ...deps, repo, snapshots });
  const delivery = new KeyDelivery({ ...deps, repo, keys });
  const work = new VmWork(deps, { ...parts, facts, watch, ends, delivery });
  const orphans = new Orphans(deps.driver, repo, facts);
  const actions = new VmActions(deps, { ...parts, work });
  const making = new VmMaking(deps, { ...parts, actions, orphans });
  return { parts, facts, work, ends, orphans, actions, making, delivery };
}

/** `admin.vm.list`, `admin.stopAll`, `admin.orphan.*`: all VMs of the cloud, and those nobody knows. */
import { defineCommand } from "../../../core/command.ts";
import { AppError } from "../../../core/errors.ts";
import { type PageKey, pageOf } from "../../../core/paging.ts";
import { type Origin, originOf } from "../deps.ts";
import { countVms, type FoundVmRow, searchVms, userNameOf } from "../vm-search.ts";
import { resultOf } from "./act-on-vm.ts";
import type { VmCommandDeps } from "../command-deps.ts";
import type { VmRow } from "../vm-row.ts";

export const listAllVms = defineCommand("admin.vm.list", (input, { session }, deps: VmCommandDeps) => {
  const { cursor, limit, ...wanted } = input;
  const { sort, order, ...filter } = wanted;
  const scope = { userId: session.userId, list: `admin.vm.list ${JSON.stringify(wanted)}` };
  const after = deps.cursors.decode(scope, cursor);
  const found = searchVms(deps.db, { filter, sort, order, after, limit: limit + 1 });
  const { rows, nextCursor } = pageOf(found, limit, (last) => deps.cursors.encode(scope, keyOf(last)));
  return { vms: deps.views.all(rows), nextCursor, total: countVms(deps.db, filter) };
});

function keyOf({ sortKey, id }: FoundVmRow): PageKey {
  return { key: sortKey, id };
}

export const stopAllVms = defineCommand("admin.stopAll", ({ className }, caller, deps: VmCommandDeps) => {
  const rows = searchVms(deps.db, { filter: { className } });
  const origin = originOf({ session: caller.session });
  const running = rows.filter(({ state }) => state === "running");
  return {
    results: [
      ...rows.filter(isBooting).map((row) => resultOf(row.id, () => cutBoot(row, origin, deps))),
      ...running.map((row) => resultOf(row.id, () => deps.actions.act(row, "stop", origin))),
    ],
  };
});

function isBooting({ state }: VmRow): boolean {
  return state === "starting" || state === "restarting" || state === "pending";
}

/** Whoever presses this does not wait for boots: they are cut, and what runs all the same is stopped then. */
function cutBoot(row: VmRow, origin: Origin, { jobs, repo, actions, log }: VmCommandDeps) {
  const jobId = row.activeJobId;
  if (jobId === null) throw new AppError("conflict", "Nothing works on this VM, although it is under way");
  const stopAfterwards = async () => {
    await jobs.abort(jobId, "Cancelled by the emergency stop");
    const after = repo.find(row.id);
    if (after?.state !== "running") return;
    const { error } = resultOf(row.id, () => actions.act(after, "stop", origin));
    if (error) log.warn({ vmId: row.id, error }, "A VM was not stopped after its boot was cut");
  };
  void stopAfterwards();
  return { jobId };
}

export const listOrphans = defineCommand(
  "admin.orphan.list",
  async (_input, _caller, { orphans, db }: VmCommandDeps) => ({
    orphans: (await orphans.look()).map(({ ref: { vmId, ownerId, name }, state }) => {
      return { vmId, ownerId, ownerName: userNameOf(db, ownerId), name, state };
    }),
  }),
);

export const removeOrphan = defineCommand(
  "admin.orphan.remove",
  async ({ vmId, name }, { session }, { orphans, eventLog }: VmCommandDeps) => {
    await orphans.remove(vmId, name);
    eventLog.record({
      type: "admin",
      severity: "warning",
      name: "vm.orphan.removed",
      message: `${session.username} removed ${name} from the host, which the database did not know`,
      ownerId: null,
      actor: { id: session.userId, name: session.username },
      targetName: name,
    });
    return {};
  },
);

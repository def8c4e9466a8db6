/** `vm.update`, `vm.extendLease`, `vm.startup`: what changes or shows a VM without touching its machine. */
import type { VmId } from "#protocol";
import { defineCommand } from "../../../core/command.ts";
import type { Session } from "../../../core/caller.ts";
import { leaseOf } from "../lease/lease-rules.ts";
import { checkSchedule } from "../schedule/schedule-rules.ts";
import type { VmCommandDeps } from "../command-deps.ts";

export const updateVm = defineCommand("vm.update", ({ vmId, ...input }, { session }, deps: VmCommandDeps) => {
  deps.rowFor(session, vmId);
  const { label, notes, schedule } = input;
  const tags = input.tags && [...new Set(input.tags)];
  if (schedule) checkSchedule(schedule);
  const given = Object.entries({ label, notes, tags, schedule }).filter(([, value]) => value !== undefined);
  // A new schedule begins now: what was due by it before was never asked for.
  const since = schedule === undefined ? {} : { scheduleDoneMs: deps.clock.now() };
  if (given.length > 0) deps.repo.set(vmId, { ...Object.fromEntries(given), ...since });
  return shown(vmId, session, deps);
});

export const extendLease = defineCommand(
  "vm.extendLease",
  ({ vmId, hours }, { session }, deps: VmCommandDeps) => {
    deps.rowFor(session, vmId);
    deps.repo.set(vmId, leaseOf(hours, deps.clock.now()));
    return shown(vmId, session, deps);
  },
);

export const getStartup = defineCommand("vm.startup", ({ vmId }, { session }, deps: VmCommandDeps) => {
  const row = deps.rowFor(session, vmId);
  const { startupScript, startupOutput, startupExitCode, startupRanAtMs } = row;
  return {
    script: startupScript,
    output: startupOutput,
    exitCode: startupExitCode,
    ranAtMs: startupRanAtMs,
  };
});

function shown(vmId: VmId, session: Session, { rowFor, told, views }: VmCommandDeps) {
  told.changed(vmId);
  return { vm: views.of(rowFor(session, vmId)) };
}
